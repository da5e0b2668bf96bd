import { type KeptAnswer } from '@gw/idempotency';
import { type FastifyReply } from 'fastify';
import { type HeaderFields } from '../request-headers.js';
import { type ClientAnswer, sendAnswer } from './reply.js';

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
const OF_THE_BYTES = ['content-length', 'content-md5', 'digest', 'content-digest', 'repr-digest', 'etag'];

/** The answer to a command: with an outcome in it, it is no longer the bytes that the upstream described. */
export function sendMade(reply: FastifyReply, made: ClientAnswer): void {
  const isChanged = made.headers['preference-applied'] === 'wait';
  sendAnswer(reply, isChanged ? { ...made, headers: without(made.headers, OF_THE_BYTES) } : made);
}

/** Undefined when there is too much of it. */
export function keptFrom({ status, headers, body }: ClientAnswer): KeptAnswer | undefined {
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

function without(headers: HeaderFields, names: readonly string[]): HeaderFields {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}
