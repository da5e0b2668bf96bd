import { type FastifyPluginCallback } from 'fastify';
import { Agent } from 'undici';
import { Gate, PREFIX } from './gate.js';
import { type ProxyOptions } from './proxy-options.js';

/**
 * More wait in line, and the wait counts against a request's deadline. So many that a few users all of whose requests
 * are stuck leave enough for the others.
 */
const CONNECTIONS_PER_ORIGIN = 2_048;

/**
 * `/api/<upstream path>`, every method but TRACE, on behalf of the signed-in user.
 *
 * Requests are answered in an onRequest hook, so nothing of the framework parses, limits or judges their
 * bodies. How slowly a client may send one is for the server's `requestTimeout`.
 */
export const proxy: FastifyPluginCallback<ProxyOptions> = (fastify, options, done) => {
  const agent = new Agent({ connections: CONNECTIONS_PER_ORIGIN, pipelining: 1 });
  fastify.addHook('onClose', () => agent.destroy());
  const gate = new Gate(agent, options);
  fastify.route({
    // TRACE would show the client what the upstream was sent, its bearer included (RFC 9110 §9.3.8).
    method: fastify.supportedMethods.filter((method) => method !== 'TRACE'),
    url: `${PREFIX}/*`,
    onRequest: (request, reply) => gate.pass(request, reply),
    handler: () => {
      throw new Error('The request was answered before');
    },
  });
  done();
};
