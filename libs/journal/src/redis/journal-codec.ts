import { asApiName } from '@gw/kernel';
import { z } from 'zod';
import { type GapEntry, type JournalEntry, type NewEntry, type NotificationEntry } from '../journal.js';
import { type Position } from '../position.js';
import { type ToldBatch } from './user-feed.js';

type Unnumbered = Omit<NotificationEntry, 'position'> | Omit<GapEntry, 'position'>;

const sequence = z.number().int().nonnegative();
const apiName = z.string().transform(asApiName);
const storedEntry = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('notification'),
    api: apiName,
    channel: z.string(),
    // A null is data, too; only its absence is not.
    data: z.unknown(),
    receivedAt: z.number(),
  }),
  z.object({ kind: z.literal('gap'), api: apiName }),
]);
/** With this a message begins: epoch, the sequence before the batch, and its last one. */
const MESSAGE_HEAD = /^\{"epoch":"([\w-]+)","before":(\d+),"last":(\d+)[,}]/;
const message = z.object({ entries: z.array(storedEntry).optional() });
const appended = z.tuple([z.string(), sequence, z.array(sequence)]);
const readReply = z.union([
  z.tuple([z.string(), sequence, z.literal('entries'), z.array(z.string())]),
  z.tuple([z.string(), sequence, z.enum(['window', 'epoch'])]),
]);

/** An entry without its place, as it is stored and told. */
function stored(entry: NewEntry): Unnumbered {
  return entry.kind === 'notification' ? entry : { kind: 'gap', api: entry.api };
}

/** Three parameters an entry: its kind, its API, and what is stored of it. */
export const parametersOf = (entries: readonly NewEntry[]): string[] =>
  entries.flatMap((entry) => [entry.kind, entry.api, JSON.stringify(stored(entry))]);

/** Written out: to spread the entry would cost more than all else that is done with it here. */
function numbered(entry: Unnumbered, epoch: string, at: number): JournalEntry {
  const { kind, api } = entry;
  const position = { epoch, sequence: at };
  if (kind === 'gap') return { kind, position, api };
  const { channel, data, receivedAt } = entry;
  return { kind, position, api, channel, data, receivedAt };
}

/** What became of an append. */
export type Appended = ToldBatch | 'ownership-lost' | 'more-wanted';

export function parseAppended(reply: unknown, given: readonly NewEntry[]): Appended {
  if (reply === null) return 'ownership-lost';
  if (reply === 0) return 'more-wanted';
  const [epoch, before, numbers] = appended.parse(reply);
  const entries = numbers.flatMap((number, index) => {
    const entry = given[number - 1];
    return entry ? [numbered(stored(entry), epoch, before + index + 1)] : [];
  });
  return { epoch, before, last: before + numbers.length, entries: () => entries };
}

/** Undefined for what is no message of ours. What it carries is only read when somebody wants to have it. */
export function parseMessage(text: string): ToldBatch | undefined {
  const head = MESSAGE_HEAD.exec(text);
  if (!head) return undefined;
  const [, epoch = '', ...sequences] = head;
  const [before = 0, last = 0] = sequences.map(Number);
  return { epoch, before, last, entries: () => entriesOf(text, epoch, before) };
}

function entriesOf(text: string, epoch: string, before: number): readonly JournalEntry[] | undefined {
  const { data } = message.safeParse(parsedJson(text));
  return data?.entries?.map((entry, index) => numbered(entry, epoch, before + index + 1));
}

export function parseRead(reply: unknown): {
  readonly head: Position;
  readonly found: 'window' | 'epoch' | readonly JournalEntry[];
} {
  const parsed = readReply.parse(reply);
  const [epoch, last, kind] = parsed;
  const head = { epoch, sequence: last };
  if (kind !== 'entries') return { head, found: kind };
  const [, , , texts] = parsed;
  const first = last - texts.length + 1;
  const found = texts.map((text, index) =>
    numbered(storedEntry.parse(parsedJson(text)), epoch, first + index),
  );
  return { head, found };
}

/** The error of `JSON.parse` quotes the text, which is not for logs. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
