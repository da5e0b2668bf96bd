import { type Metrics } from '@gw/telemetry/prometheus';
import { type UpstreamProfile } from '@gw/upstream';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

/** First segments of routes by which requests are told apart; all else is `other`. */
const CLASSES = new Set([
  'admin',
  'api',
  'auth',
  'docs',
  'health',
  'metrics',
  'notifications',
  'oauth',
  '.well-known',
]);

/** Counts every request that is answered. Event streams and sockets are not answered: they are held. */
export function countRequests(fastify: FastifyInstance, metrics: Metrics, { apis }: UpstreamProfile): void {
  const prefixes = apis.map(({ name, basePath }) => [name, `/api${basePath}/`] as const);
  /** Bounded by the routes that there are. */
  const classes = new Map<string | undefined, string>();
  fastify.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, done) => {
    const { url: route } = request.routeOptions;
    const its = classes.get(route) ?? classOf(route);
    classes.set(route, its);
    metrics.requests.count(its, reply.statusCode);
    if (its === 'api') {
      const api = prefixes.find(([, prefix]) => request.url.startsWith(prefix))?.[0] ?? 'none';
      metrics.proxied.count(api, reply.statusCode);
      metrics.proxyDurations.took(api, reply.elapsedTime / 1_000);
    }
    done();
  });
}

/** By the route as it was registered, never by what the client wrote. */
function classOf(route: string | undefined): string {
  const [, first = ''] = route?.split('/') ?? [];
  return CLASSES.has(first) ? first : 'other';
}
