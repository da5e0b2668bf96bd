import { type FastifyReply, type FastifyRequest } from 'fastify';

/** How long a browser may see the answer to a preflight, in seconds. */
const PREFLIGHT_MAX_AGE_S = 600;

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';

/** What pages of other origins of ours may read of an answer's header, beyond what all may. */
const EXPOSED = [
  'x-request-id',
  'retry-after',
  'ratelimit',
  'ratelimit-policy',
  'preference-applied',
  'idempotent-replayed',
].join(', ');

/**
 * The CORS protocol (Fetch §3.3) for these origins, which may use the cookie, and no others. Nothing of it is worked out
 * at a request but which origin asks.
 */
export class Cors {
  readonly #headersFor: ReadonlyMap<string, Readonly<Record<string, string>>>;

  constructor(allowed: readonly string[]) {
    this.#headersFor = new Map(allowed.map((origin) => [origin, headersFor(origin)]));
  }

  /** Every answer varies by who asks, also one that a cache has for somebody without an origin (Fetch §3.3.5). */
  add({ headers: { origin } }: FastifyRequest, reply: FastifyReply): void {
    const headers = origin === undefined ? undefined : this.#headersFor.get(origin);
    if (headers) void reply.headers(headers);
    else void reply.header('vary', 'Origin');
  }

  /** After `add`. A page is told what it may ask for, whoever it is: without being named it may not. */
  answerPreflight({ headers }: FastifyRequest, reply: FastifyReply): void {
    const asked = headers['access-control-request-headers'];
    if (asked !== undefined) void reply.header('access-control-allow-headers', asked);
    void reply
      .code(204)
      .header('vary', 'Origin, Access-Control-Request-Headers')
      .header('access-control-allow-methods', METHODS)
      .header('access-control-max-age', String(PREFLIGHT_MAX_AGE_S))
      .header('content-length', '0')
      .send();
  }
}

const headersFor = (origin: string): Readonly<Record<string, string>> => ({
  vary: 'Origin',
  'access-control-allow-origin': origin,
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': EXPOSED,
});
