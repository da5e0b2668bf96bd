import cookie from '@fastify/cookie';
import { fastify, type FastifyInstance, type FastifyError } from 'fastify';
import { ZodError } from 'zod';
import { UnknownAgentError } from '../agents.js';
import { failed } from './envelope.js';
import { NOBODY } from './caller.js';
import { Refusal } from './refusal.js';

const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** The one HTTP server: tolerant JSON in, refusals and errors as the platform words them. */
export async function httpServer(): Promise<FastifyInstance> {
  const app = fastify({ bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true, exposeHeadRoutes: false });
  app.decorateRequest('identity');
  app.addHook('onRequest', (request, _reply, next) => {
    request.identity = NOBODY;
    next();
  });
  await app.register(cookie);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, parsed) => {
    parseJson(body.toString(), parsed);
  });
  app.addContentTypeParser('*', (_request, payload, parsed) => {
    payload.resume();
    payload.once('end', () => parsed(null, undefined));
  });
  app.setErrorHandler<FastifyError | Error>((error, _request, reply) => {
    if (error instanceof Refusal) return reply.code(error.status).headers(error.headers).send(error.body);
    if (error instanceof ZodError) return reply.code(400).send(failed(400, 'Bad request'));
    if (error instanceof UnknownAgentError) return reply.code(404).send(failed(404, error.message));
    const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
    return reply.code(status).send(failed(status, status < 500 ? error.message : 'Internal error'));
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(failed(404, 'Not found')));
  return app;
}

/** An empty body is no error: the official clients send their commands without one. */
function parseJson(body: string, parsed: (error: Error | null, value?: unknown) => void): void {
  try {
    const value: unknown = body.trim() === '' ? undefined : JSON.parse(body);
    parsed(null, value);
  } catch {
    parsed(new Refusal(400, failed(400, 'The body is not JSON')));
  }
}
