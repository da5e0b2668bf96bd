import { GatewayError } from '@gw/kernel';
import { type WithoutBearer } from '@gw/upstream';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Agent } from 'undici';
import { routeNotAllowed, tokenUnavailable, unauthenticated } from '../errors.js';
import { PathPolicy } from '../path-policy.js';
import { Exchange } from './exchange.js';
import { type ProxyOptions } from './proxy-options.js';
import { sendAnswer } from './reply.js';
import { bodyOf } from './request-body.js';

export const PREFIX = '/api';

/** What stands between a client's request and the upstream, in order; the first refusal is the answer. */
export class Gate {
  readonly #paths: PathPolicy;

  constructor(
    private readonly agent: Agent,
    private readonly options: ProxyOptions,
  ) {
    this.#paths = new PathPolicy(options.profile);
  }

  async pass(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    try {
      await this.#admit(request, reply);
    } catch (error) {
      if (reply.raw.destroyed) return;
      if (error instanceof GatewayError) this.options.sendProblem(reply, error);
      else reply.send(error);
    }
  }

  async #admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { upstream, sendProblem, timeoutMs } = this.options;
    const client = await this.options.authenticate(request);
    if (!client) throw unauthenticated();
    const refusal = this.options.checkCsrf(request);
    if (refusal) throw refusal;
    const route = this.#paths.decide(upstreamTarget(request.raw.url ?? ''));
    if (route.kind === 'refused') throw routeNotAllowed(route.reason);

    const { api, path, search } = route;
    const prepared = await upstream.prepare(client.user, api, path, client.session);
    if (prepared.kind !== 'ready') throw withoutBearer(prepared, reply);
    const body = await bodyOf(request.raw);
    if (reply.raw.destroyed) return;
    const passage = { client, api, path, search, body, incoming: request.raw, outgoing: reply.raw };
    const exchange = new Exchange(this.agent, upstream, passage, timeoutMs);
    sendAnswer(reply, { exchange, ready: prepared }, sendProblem);
  }
}

/** Anything but origin-form beneath the prefix comes out without a leading slash, and is refused for it. */
function upstreamTarget(target: string): string {
  return target.startsWith(`${PREFIX}/`) ? target.slice(PREFIX.length) : '';
}

function withoutBearer(outcome: WithoutBearer, reply: FastifyReply): GatewayError {
  if (outcome.kind === 'signed-out') return unauthenticated();
  reply.header('retry-after', Math.max(1, Math.ceil(outcome.retryAfterMs / 1000)));
  return tokenUnavailable();
}
