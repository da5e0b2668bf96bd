import { Readable } from 'node:stream';
import { type FastifyReply } from 'fastify';
import { type HeaderFields } from '../request-headers.js';
import { responseHeaders } from '../response-headers.js';
import { type AnswerBody } from './answer.js';

/** The answer to a request, as its client gets it: the upstream's, or one made of it. */
export interface ClientAnswer {
  readonly status: number;
  readonly headers: HeaderFields;
  readonly body: AnswerBody;
}

/** Gives the client an answer, without what of its header is not for the client. */
export function sendAnswer(reply: FastifyReply, { status, headers, body }: ClientAnswer): void {
  if (reply.raw.destroyed) {
    if (body.kind === 'stream') body.stream.destroy();
    return;
  }
  void reply.code(status).headers(responseHeaders(headers, reply.getHeader('vary')));
  // Until its request was read to the end a connection is good for no other (RFC 9112 §9.3).
  if (!reply.request.raw.complete) reply.header('connection', 'close');
  if (body.kind === 'stream') reply.send(body.stream);
  else if (body.bytes.length === 0) reply.send();
  // For bytes without a type the framework would make one up.
  else reply.send(headers['content-type'] === undefined ? Readable.from([body.bytes]) : body.bytes);
}
