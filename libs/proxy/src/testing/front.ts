import { asSessionId, asUserId, GatewayError, Secret, SystemClock } from '@gw/kernel';
import { engageProfile, UpstreamEvents, UpstreamSessions } from '@gw/upstream';
import { alone, NumberedBearers } from '@gw/upstream/testing';
import { UndiciUpstreamHttp } from '@gw/upstream/undici';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { proxy, type ProxyOptions } from '../fastify/index.js';
import { ProxyEvents } from '../index.js';

const STATUS = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  unprocessable: 422,
  too_many_requests: 429,
  unavailable: 503,
  bad_gateway: 502,
  timeout: 504,
} as const;

export interface Front {
  readonly url: string;
  readonly bearers: NumberedBearers;
  readonly upstream: UpstreamSessions;
  readonly close: () => Promise<void>;
}

class Events extends UpstreamEvents {}
class NoProxyEvents extends ProxyEvents {}

/** A Fastify server with the proxy before `apiUrl`. The header `x-user` signs in; `x-csrf: 0` is refused. */
export async function startFront(
  apiUrl: string,
  timeoutMs = 5_000,
  limits: Partial<Pick<ProxyOptions, 'maxRequestsPerUser' | 'clock' | 'events'>> = {},
): Promise<Front> {
  const http = new UndiciUpstreamHttp();
  http.start();
  const bearers = new NumberedBearers();
  const options = { apiUrl, apiKey: new Secret('the-api-key'), timeoutMs };
  const clock = new SystemClock();
  const upstream = new UpstreamSessions(
    engageProfile,
    bearers,
    http,
    clock,
    new Events(),
    options,
    alone(clock),
  );
  const fastify: FastifyInstance = Fastify({ forceCloseConnections: true });
  fastify.addHook('onRequest', async (_request, reply) => void reply.header('x-request-id', 'request-1'));
  await fastify.register(proxy, {
    profile: engageProfile,
    upstream,
    timeoutMs,
    maxRequestsPerUser: 100,
    clock,
    events: new NoProxyEvents(),
    ...limits,
    sendProblem,
    authenticate: ({ headers }) =>
      typeof headers['x-user'] === 'string'
        ? { user: asUserId(headers['x-user']), session: asSessionId('session-1') }
        : undefined,
    checkRate: () => undefined,
    checkCsrf: ({ headers }) =>
      headers['x-csrf'] === '0' ? new GatewayError('csrf', 'forbidden', 'No CSRF header') : undefined,
  });
  const url = await fastify.listen({ port: 0, host: '127.0.0.1' });
  const close = async () => {
    await fastify.close();
    await http.close();
  };
  return { url, bearers, upstream, close };
}

function sendProblem(reply: FastifyReply, error: GatewayError): void {
  void reply.code(STATUS[error.kind]).type('application/problem+json').send({ code: error.code });
}
