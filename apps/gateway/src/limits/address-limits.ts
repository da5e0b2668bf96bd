import { type FastifyPluginCallback } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { sendProblem } from '../http/index.js';
import { type ClientAddresses } from './client-addresses.js';
import { type RateLimits } from './rate-limits.js';
import { type RateName } from './rates.js';

interface AddressLimitsOptions {
  readonly limits: RateLimits;
  readonly addresses: ClientAddresses;
}

/** By a route's own pattern: nobody gets around a limit by another spelling. */
export function limitOf(route: string | undefined): RateName | undefined {
  if (route === undefined) return 'address';
  if (route === '/auth/login' || route === '/auth/callback') return 'login';
  if (route.startsWith('/oauth/')) return 'token';
  // Load balancers and Prometheus ask these again and again.
  return route.startsWith('/health/') || route === '/metrics' ? undefined : 'address';
}

const plugin: FastifyPluginCallback<AddressLimitsOptions> = (fastify, { limits, addresses }, done) => {
  fastify.addHook('onRequest', (request, reply, next) => {
    const name = limitOf(request.routeOptions.url);
    const refusal = name && limits.refusalOf(name, addresses.of(request.raw), reply);
    if (refusal) sendProblem(reply, refusal);
    else next();
  });
  done();
};

/** Limits every request by the client's address. After CORS, so that a page can read that it must wait. */
export const addressLimits = fastifyPlugin(plugin, { name: 'address-limits' });
