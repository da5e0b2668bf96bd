import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { type FastifyInstance } from 'fastify';

/** Where the console is built to; beside this app, both in the sources and when built. */
const FOLDER = fileURLToPath(new URL('../../../console/dist/', import.meta.url));

/**
 * Only what the build made runs, and talks to us alone. The socket's address stands beside `'self'`, which not
 * every browser takes to include it.
 */
const contentPolicy = (publicOrigin: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${publicOrigin.replace(/^http/u, 'ws')}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

/** The web console at `/`. Only files that there are get a route. */
export function serveConsole(fastify: FastifyInstance, publicOrigin: string): void {
  const policy = contentPolicy(publicOrigin);
  void fastify.register(fastifyStatic, {
    root: FOLDER,
    wildcard: false,
    setHeaders: (reply) => void reply.header('content-security-policy', policy),
  });
}
