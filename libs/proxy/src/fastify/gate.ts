import { after, GatewayError, type Soon } from '@gw/kernel';
import { type Prepared, type WithoutBearer } from '@gw/upstream';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Agent } from 'undici';
import { type Admission, Admissions } from '../admissions.js';
import { routeNotAllowed, tokenUnavailable, unauthenticated } from '../errors.js';
import { PathPolicy } from '../path-policy.js';
import { Commands, type Entrant } from './commands.js';
import { endWith } from './end-with.js';
import { Exchange, type Passage, type Ready } from './exchange.js';
import { failureOf } from './failure-of.js';
import { type ProxyClient, type ProxyOptions } from './proxy-options.js';
import { sendAnswer } from './reply.js';
import { bodyOf } from './request-body.js';
import { wishesOf } from './wishes.js';

export const PREFIX = '/api';

/** What stands between a client's request and the upstream, in order; the first refusal is the answer. */
export class Gate {
  readonly #paths: PathPolicy;
  readonly #admissions: Admissions;
  readonly #commands: Commands;

  constructor(
    private readonly agent: Agent,
    private readonly options: ProxyOptions,
  ) {
    const { profile, clock, maxRequestsPerUser, events } = options;
    this.#paths = new PathPolicy(profile);
    this.#admissions = new Admissions(profile, clock, maxRequestsPerUser, events);
    this.#commands = new Commands(agent, options, {
      enter: (entrant) => this.#enter(entrant),
      prepare: (entrant, admission) => this.#prepare(entrant, admission),
    });
  }

  pass(request: FastifyRequest, reply: FastifyReply): void {
    try {
      const passing = after(this.options.authenticate(request), (client) =>
        this.#admit(request, reply, client),
      );
      passing?.catch((error: unknown) => this.#refuse(reply, error));
    } catch (error) {
      this.#refuse(reply, error);
    }
  }

  #refuse(reply: FastifyReply, error: unknown): void {
    if (reply.raw.destroyed) return;
    if (error instanceof GatewayError) this.options.sendProblem(reply, error);
    else reply.send(error);
  }

  #admit(request: FastifyRequest, reply: FastifyReply, client: ProxyClient | undefined): Soon<void> {
    if (!client) throw unauthenticated();
    const refusal = this.options.checkRate(client, reply) ?? this.options.checkCsrf(request);
    if (refusal) throw refusal;
    const route = this.#paths.decide(upstreamTarget(request.raw.url ?? ''));
    if (route.kind === 'refused') throw routeNotAllowed(route.reason);

    const { api, path, search } = route;
    const wishes = wishesOf(request.raw, api, this.options);
    if (wishes) return this.#commands.pass({ request, reply, client, api, path, search, wishes });
    const admission = this.#enter({ client, api, reply });
    endWith(reply, admission);
    return after(this.#prepare({ client, api, path, reply }, admission), (ready) =>
      after(bodyOf(request.raw), (body) => {
        const { raw: incoming } = request;
        const { raw: outgoing } = reply;
        // Written out, not spread from another: see `wholeAnswer`.
        this.#send(reply, { client, admission, api, path, search, body, incoming, outgoing }, ready);
      }),
    );
  }

  #send(reply: FastifyReply, passage: Passage, ready: Ready): void {
    if (reply.raw.destroyed) return;
    const { upstream, sendProblem, timeoutMs } = this.options;
    new Exchange(this.agent, upstream, passage, timeoutMs).start(ready, (outcome) => {
      if (outcome instanceof GatewayError) sendProblem(reply, outcome);
      else sendAnswer(reply, outcome);
    });
  }

  /** @throws {GatewayError} when the request may not go on. */
  #enter({ client, api, reply }: Omit<Entrant, 'path'>): Admission {
    const decision = this.#admissions.decide(client.user, api);
    if (decision.kind === 'admitted') return decision.admission;
    retryAfter(reply, decision.retryAfterMs);
    throw decision.error;
  }

  /** The upstream session is made first, where there is none: a call that may be in vain, too. */
  #prepare({ client, api, path, reply }: Entrant, admission: Admission): Soon<Ready> {
    const preparing = this.options.upstream.prepare(client.user, api, path, client.session);
    if (!(preparing instanceof Promise)) return readyOf(preparing, reply);
    return preparing.then(
      (prepared) => readyOf(prepared, reply),
      (error: unknown) => {
        const failure = failureOf(error);
        if (failure) admission.failed(failure);
        throw error;
      },
    );
  }
}

/** Anything but origin-form beneath the prefix comes out without a leading slash, and is refused for it. */
function upstreamTarget(target: string): string {
  return target.startsWith(`${PREFIX}/`) ? target.slice(PREFIX.length) : '';
}

/** @throws {GatewayError} */
function readyOf(prepared: Prepared, reply: FastifyReply): Ready {
  if (prepared.kind === 'ready') return prepared;
  throw withoutBearer(prepared, reply);
}

function withoutBearer(outcome: WithoutBearer, reply: FastifyReply): GatewayError {
  if (outcome.kind === 'signed-out') return unauthenticated();
  retryAfter(reply, outcome.retryAfterMs);
  return tokenUnavailable();
}

function retryAfter(reply: FastifyReply, ms: number): void {
  reply.header('retry-after', Math.max(1, Math.ceil(ms / 1000)));
}
