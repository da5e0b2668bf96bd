import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { type FastifyInstance } from 'fastify';

/** Where the console is built to; beside this app, both in the sources and when built. */
const FOLDER = fileURLToPath(new URL('../../../console/dist/', import.meta.url));

const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
};

/** The web console at `/`. Only files that there are get a route. */
export function serveConsole(fastify: FastifyInstance): void {
  void fastify.register(fastifyStatic, {
    root: FOLDER,
    wildcard: false,
    setHeaders: (reply) => {
      for (const [name, value] of Object.entries(PAGE_HEADERS)) void reply.header(name, value);
    },
  });
}
