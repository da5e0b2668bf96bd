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
  fastify.addHook('onResponse', (request: FastifyRequest, reply: FastifyReply, done) => {
    const route = classOf(request.routeOptions.url);
    const status = String(reply.statusCode);
    metrics.requests.inc({ route, status });
    if (route === 'api') {
      const api = prefixes.find(([, prefix]) => request.url.startsWith(prefix))?.[0] ?? 'none';
      metrics.proxied.inc({ api, status });
      metrics.proxyDuration.observe({ api }, reply.elapsedTime / 1_000);
    }
    done();
  });
}

/** By the route as it was registered, never by what the client wrote. */
function classOf(route: string | undefined): string {
  const [, first = ''] = route?.split('/') ?? [];
  return CLASSES.has(first) ? first : 'other';
}
