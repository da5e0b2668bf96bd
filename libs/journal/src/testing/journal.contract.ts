import { asApiName, asUserId, type ApiName, type UserId } from '@gw/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Journal, type JournalEntry, type NewEntry } from '../journal.js';

export interface JournalHarness {
  readonly journal: Journal;
  /** The `maxLength` and `ttlMs` that `journal` was opened with. */
  readonly maxLength: number;
  readonly ttlMs: number;
  /** Lets `ms` milliseconds pass: a fake clock for memory, real waiting elsewhere. */
  readonly elapse: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const voice = asApiName('workspace');
const statistics = asApiName('statistics');

const notification = (data: unknown, api: ApiName = voice): NewEntry => ({
  kind: 'notification',
  api,
  channel: '/voice',
  data,
  receivedAt: 1,
});

const dataOf = (entries: readonly JournalEntry[]): unknown[] =>
  entries.map((entry) => (entry.kind === 'notification' ? entry.data : `gap:${entry.api}`));

/** What every Journal promises; `open` gives an empty one. */
export function journalContract(name: string, open: () => Promise<JournalHarness>): void {
  describe(`Journal (${name})`, () => {
    let harness: JournalHarness;
    let journal: Journal;
    let users = 0;
    let anna: UserId;

    beforeEach(async () => {
      harness = await open();
      journal = harness.journal;
      users += 1;
      anna = asUserId(`anna-${users}`);
    });
    afterEach(() => harness.close());

    async function read(user: UserId, after: { epoch: string; sequence: number }): Promise<JournalEntry[]> {
      const result = await journal.read(user, after);
      if (result.kind !== 'entries') throw new Error(`unexpected gap ${result.reason}`);
      return [...result.entries];
    }
    const head = async (user: UserId) => (await journal.read(user, undefined)).head;

    it('numbers entries by one, in the order of appending, within one epoch', async () => {
      const start = await head(anna);
      await journal.append(anna, [notification('a'), notification('b')]);
      await journal.append(anna, [notification('c')]);
      const entries = await read(anna, start);
      expect(dataOf(entries)).toEqual(['a', 'b', 'c']);
      expect(entries.map(({ position }) => position)).toEqual([
        { epoch: start.epoch, sequence: 1 },
        { epoch: start.epoch, sequence: 2 },
        { epoch: start.epoch, sequence: 3 },
      ]);
    });

    it('gives back what it was given, umlauts, emoji and nesting included', async () => {
      const start = await head(anna);
      const data = { text: 'Grüße 👩‍💻 \u0000 "quoted"', list: [1, 2.5, null, { deep: true }], empty: {} };
      await journal.append(anna, [{ ...notification(data), channel: '/a/b', receivedAt: 1234 } as NewEntry]);
      expect(await read(anna, start)).toEqual([
        {
          kind: 'notification',
          api: voice,
          channel: '/a/b',
          data,
          receivedAt: 1234,
          position: { epoch: start.epoch, sequence: 1 },
        },
      ]);
    });

    it('reads only what comes after a position', async () => {
      const start = await head(anna);
      await journal.append(
        anna,
        ['a', 'b', 'c'].map((data) => notification(data)),
      );
      expect(dataOf(await read(anna, { ...start, sequence: 2 }))).toEqual(['c']);
      expect(await read(anna, { ...start, sequence: 3 })).toEqual([]);
    });

    it('reads nothing without a position, and says where the head is', async () => {
      await journal.append(anna, [notification('a')]);
      const result = await journal.read(anna, undefined);
      expect(result).toMatchObject({ kind: 'entries', entries: [], head: { sequence: 1 } });
    });

    it('keeps users apart', async () => {
      const ben = asUserId(`ben-${users}`);
      const heard: unknown[] = [];
      const listening = journal.listen(ben, (entries) => heard.push(...entries));
      const start = await head(ben);
      await journal.append(anna, [notification('for anna')]);
      expect(await read(ben, start)).toEqual([]);
      expect(heard).toEqual([]);
      expect((await journal.read(ben, await head(anna))).kind).toBe('gap');
      listening.stop();
    });

    it('answers a position that fell out of the window by a gap', async () => {
      const start = await head(anna);
      const entries = Array.from({ length: harness.maxLength + 1 }, (_, index) => notification(index));
      await journal.append(anna, entries);
      expect(await journal.read(anna, start)).toMatchObject({ kind: 'gap', reason: 'window' });
      expect(await read(anna, { ...start, sequence: 1 })).toHaveLength(harness.maxLength);
    });

    it('drops entries that are older than its age, and then answers by a gap', async () => {
      const start = await head(anna);
      await journal.append(anna, [notification('old')]);
      await harness.elapse(harness.ttlMs + 50);
      await journal.append(anna, [notification('new')]);
      expect((await journal.read(anna, start)).kind).toBe('gap');
    });

    it('answers a position of another epoch, or one it never reached, by a gap', async () => {
      await journal.append(anna, [notification('a')]);
      const now = await head(anna);
      const other = { epoch: 'another-epoch', sequence: 1 };
      expect(await journal.read(anna, other)).toMatchObject({ kind: 'gap', reason: 'epoch', head: now });
      const beyond = { ...now, sequence: now.sequence + 1 };
      expect(await journal.read(anna, beyond)).toMatchObject({ kind: 'gap', reason: 'epoch' });
    });

    it('forgets a user whom nobody uses, and then answers an old position by a gap', async () => {
      await journal.append(anna, [notification('a')]);
      const before = await head(anna);
      await harness.elapse(harness.ttlMs * 3);
      await journal.append(asUserId(`somebody-${users}`), [notification('x')]);
      expect(await journal.read(anna, before)).toMatchObject({ kind: 'gap', reason: 'epoch' });
    });

    it('tells listeners each batch, in order, until they stop', async () => {
      const first: unknown[] = [];
      const second: unknown[] = [];
      const one = journal.listen(anna, (entries) => first.push(dataOf(entries)));
      const two = journal.listen(anna, (entries) => second.push(dataOf(entries)));
      await journal.append(anna, [notification('a'), notification('b')]);
      one.stop();
      one.stop();
      await journal.append(anna, [notification('c')]);
      two.stop();
      await journal.append(anna, [notification('d')]);
      expect(first).toEqual([['a', 'b']]);
      expect(second).toEqual([['a', 'b'], ['c']]);
    });

    it('keeps the epoch of a user to whom somebody listens', async () => {
      const listening = journal.listen(anna, () => {});
      const before = await head(anna);
      await harness.elapse(harness.ttlMs * 3);
      expect(await head(anna)).toEqual(before);
      listening.stop();
    });

    it('takes the first session of an API as no gap, and every later one as a gap', async () => {
      const start = await head(anna);
      await journal.append(anna, [{ kind: 'session-start', api: voice }]);
      await journal.append(anna, [{ kind: 'session-start', api: statistics }]);
      expect(await head(anna)).toEqual(start);
      await journal.append(anna, [
        notification('a'),
        { kind: 'session-start', api: voice },
        notification('b'),
      ]);
      expect(dataOf(await read(anna, start))).toEqual(['a', 'gap:workspace', 'b']);
    });

    it('takes a loss as a gap, also in the first session', async () => {
      const start = await head(anna);
      await journal.append(anna, [{ kind: 'session-start', api: voice }]);
      await journal.append(anna, [{ kind: 'loss', api: voice }, notification('a')]);
      expect(dataOf(await read(anna, start))).toEqual(['gap:workspace', 'a']);
    });

    it('writes concurrent appends one after the other, each whole', async () => {
      const start = await head(anna);
      const batches = Array.from({ length: 5 }, (_, batch) => [`${batch}a`, `${batch}b`]);
      await Promise.all(
        batches.map((batch) =>
          journal.append(
            anna,
            batch.map((data) => notification(data)),
          ),
        ),
      );
      const read1 = dataOf(await read(anna, start)) as string[];
      expect(read1.toSorted()).toEqual(batches.flat().toSorted());
      for (let index = 0; index < read1.length; index += 2) {
        expect(read1[index]?.slice(0, -1)).toBe(read1[index + 1]?.slice(0, -1));
      }
    });
  });
}
