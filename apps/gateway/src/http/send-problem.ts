import { type IncomingHttpHeaders } from 'node:http';
import { type FastifyReply } from 'fastify';
import { bearerOf } from '../auth/bearer-header.js';
import { problemOf } from './problem.js';
import { OWN_HEADERS } from './security-headers.js';

/** Answers a request with a problem; for routes inside and outside Nest alike. What is our fault is logged. */
export function sendProblem(reply: FastifyReply, error: unknown): void {
  const problem = problemOf(error, reply.request.id);
  if (problem.status >= 500)
    reply.log.error({ err: error, code: problem.code, requestId: problem.requestId }, 'a request failed');
  if (reply.sent || reply.raw.headersSent) {
    // Half an answer is out: only a broken connection tells the client that the rest will not come.
    reply.raw.destroy();
    return;
  }
  if (problem.status === 401) void reply.header('www-authenticate', challengeTo(reply.request.headers));
  void reply
    .code(problem.status)
    .headers(OWN_HEADERS)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('x-request-id', problem.requestId)
    .send(JSON.stringify(problem));
}

/** RFC 6750 §3: without a bearer no error is named, for nothing was wrong with it. Browsers do not know the scheme. */
const challengeTo = (headers: IncomingHttpHeaders): string =>
  bearerOf(headers) === undefined ? 'Bearer' : 'Bearer error="invalid_token"';
