import { type Fault, type FaultKind } from '../control/faults.js';
import { type BayeuxMessage } from './messages.js';

/** A message of a reply, as far as faults look into it. */
interface ReplyMessage {
  readonly channel: string;
  readonly id?: string;
  readonly data?: unknown;
  readonly ext?: Readonly<Record<string, unknown>>;
  readonly advice?: Readonly<Record<string, unknown>>;
}

type Reply = readonly ReplyMessage[];

/** What becomes of the reply to `request`. */
type Rewriting = (reply: Reply, fault: Fault, request: BayeuxMessage) => Reply;

const rewritings: Partial<Record<FaultKind, Rewriting>> = {
  advise: (reply, { advice }) =>
    withAnswer(reply, (answer) => ({ ...answer, advice: { ...answer.advice, ...advice } })),
  'omit-answer': (reply) => reply.filter((message) => !isAnswer(message)),
  repeat: (reply) => reply.flatMap((message) => [message, message]),
  'same-ids': (reply) => reply.map((message) => ({ ...message, id: reply.find(isAnswer)?.id ?? '1' })),
  carry: (reply, { messages = [] }, { channel }) =>
    channel === '/meta/handshake'
      ? [...withAnswer(reply, (answer) => ({ ...answer, 'x-messages': messages.length })), ...messages]
      : [...messages, ...reply],
  'no-ack': (reply) => withAnswer(reply, ({ ext, ...answer }) => ({ ...answer, ext: without(ext) })),
  'old-ack': (reply, _fault, { ext }) =>
    withAnswer(reply, (answer) => ({ ...answer, ext: { ...answer.ext, ack: Number(ext?.ack) - 1 } })),
};

/** The body of the reply to `requests` as the fault leaves it. */
export function rewriteReply(fault: Fault, requests: readonly BayeuxMessage[], body: string): string {
  const rewriting = rewritings[fault.kind];
  const [request] = requests;
  // Not a reply of the CometD server, but a refusal of the API's.
  if (!rewriting || !request || !body.startsWith('[')) return body;
  return JSON.stringify(rewriting(JSON.parse(body) as Reply, fault, request));
}

/** The answers to `requests` of a server that refuses them. */
export function refusals(
  { error = '403::denied', advice }: Fault,
  requests: readonly BayeuxMessage[],
): object[] {
  return requests.map(({ id, channel, subscription }) => {
    return { id, channel, subscription, successful: false, error, advice };
  });
}

/** The requests as they are when nobody acknowledged anything. */
export function withoutAcks(requests: readonly BayeuxMessage[]): BayeuxMessage[] {
  return requests.map(({ ext, ...message }) => ({ ...message, ext: without(ext) }));
}

function without(ext: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(ext).filter(([name]) => name !== 'ack'));
}

function withAnswer(reply: Reply, change: (answer: ReplyMessage) => ReplyMessage): Reply {
  return reply.map((message) => (isAnswer(message) ? change(message) : message));
}

function isAnswer({ channel }: ReplyMessage): boolean {
  return channel.startsWith('/meta/');
}
