import { Readable } from 'node:stream';
import { type KeptAnswer } from '@gw/idempotency';
import { type FastifyReply } from 'fastify';
import { type HeaderFields } from '../request-headers.js';
import { responseHeaders } from '../response-headers.js';
import { type AnswerBody } from './whole-answer.js';

/** The answer to a request that was made, as its client gets it. */
export interface Made {
  readonly status: number;
  readonly headers: HeaderFields;
  readonly body: AnswerBody;
}

/** What is given again of an answer's header. */
const KEPT = [
  'content-type',
  'content-encoding',
  'content-language',
  'etag',
  'location',
  'preference-applied',
];
/** What is true of the bytes as the upstream sent them. */
const OF_THE_BYTES = ['content-length', 'content-md5', 'digest', 'content-digest', 'repr-digest'];

export function sendMade(reply: FastifyReply, { status, headers, body }: Made): void {
  if (reply.raw.destroyed) {
    if (body.kind === 'stream') body.stream.destroy();
    return;
  }
  const isChanged = headers['preference-applied'] === 'wait';
  const shown = responseHeaders(isChanged ? without(headers, [...OF_THE_BYTES, 'etag']) : headers);
  void reply.code(status).headers(body.kind === 'stream' ? shown : without(shown, ['content-length']));
  if (body.kind === 'stream') reply.send(body.stream);
  else if (body.bytes.length === 0) reply.send();
  // For bytes without a type the framework would make one up.
  else reply.send(shown['content-type'] === undefined ? Readable.from([body.bytes]) : body.bytes);
}

/** Undefined when there is too much of it. */
export function keptFrom({ status, headers, body }: Made): KeptAnswer | undefined {
  if (body.kind !== 'whole') return undefined;
  const kept = KEPT.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return { status, headers: Object.fromEntries(kept), body: body.bytes };
}

export function sendKept(reply: FastifyReply, { status, headers, body }: KeptAnswer): void {
  void reply.header('idempotent-replayed', 'true');
  sendMade(reply, { status, headers, body: { kind: 'whole', bytes: body } });
}

function without<Fields extends HeaderFields>(headers: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name))) as Fields;
}
