import { type BayeuxMessage, META_CONNECT, META_HANDSHAKE, parseReply } from './message.js';

type Advice = NonNullable<BayeuxMessage['advice']>;

/** For longer than this no connect is put off, whatever interval is advised, in milliseconds. */
const MAX_INTERVAL_MS = 30_000;

const DURATIONS = ['timeout', 'interval', 'maxInterval'];
const RECONNECTS: readonly unknown[] = ['retry', 'handshake', 'none'];

/**
 * Reads the body of a reply, and leaves nothing in it that would stop the protocol library, or have it
 * wait, for ever and without a word:
 *
 * - advice that it does not know, or that comes with anything else than the answer to a handshake or a
 *   connect: it keeps the last one, and ends its loop on what it cannot follow;
 * - the count of messages that come with a handshake (`x-messages`): it would not connect before it has
 *   seen them all. Ours are stored before it sees the reply;
 * - a second answer to the same request.
 *
 * @throws {SyntaxError} as `parseReply` does.
 */
export function parseSoundReply(body: string): BayeuxMessage[] {
  const answered = new Set<string>();
  return parseReply(body).flatMap((message) => {
    if (!message.channel.startsWith('/meta/')) return [withoutAdvice(message)];
    const request = `${message.channel} ${message.id}`;
    if (answered.has(request)) return [];
    answered.add(request);
    return [soundAnswer(message)];
  });
}

function soundAnswer(message: BayeuxMessage): BayeuxMessage {
  const { channel, successful } = message;
  if (channel !== META_HANDSHAKE && channel !== META_CONNECT) return withoutAdvice(message);
  const advice = soundAdvice(message.advice);
  const isOver = advice?.reconnect === 'handshake';
  // Success that ends the session is none.
  if (channel === META_CONNECT)
    return withAdvice(isOver ? { ...message, successful: false } : message, advice);
  // The session has only begun: this can only be about the one before.
  const followed = successful && isOver ? without(advice, ([name]) => name === 'reconnect') : advice;
  return withAdvice(
    without(message, ([name]) => name === 'x-messages'),
    followed,
  );
}

function soundAdvice(advice: unknown): Advice | undefined {
  if (typeof advice !== 'object' || advice === null) return undefined;
  const sound: Advice = without(advice, ([name, value]) => {
    if (name === 'reconnect') return !RECONNECTS.includes(value);
    return DURATIONS.includes(name) && !isDuration(value);
  });
  const { interval } = sound;
  return isDuration(interval) && interval > MAX_INTERVAL_MS ? { ...sound, interval: MAX_INTERVAL_MS } : sound;
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function withAdvice(message: BayeuxMessage, advice: Advice | undefined): BayeuxMessage {
  if (!advice) return withoutAdvice(message);
  return advice === message.advice ? message : { ...message, advice };
}

function withoutAdvice(message: BayeuxMessage): BayeuxMessage {
  return message.advice === undefined ? message : without(message, ([name]) => name === 'advice');
}

/** The object itself where nothing is unwanted, as in nearly every reply. */
function without<T extends object>(object: T, isUnwanted: (member: [string, unknown]) => boolean): T {
  const members = Object.entries(object);
  if (!members.some(isUnwanted)) return object;
  return Object.fromEntries(members.filter((member) => !isUnwanted(member))) as T;
}
