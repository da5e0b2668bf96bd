import { asApiName, asUserId, type ApiName, type UserId } from '@gw/kernel';
import { type Lease, type SavedState } from '@gw/ownership';
import { eventually } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Journal, type JournalEntry, type NewEntry } from '../journal.js';

export interface JournalHarness {
  readonly journal: Journal;
  /** The `maxLength` and `ttlMs` that `journal` was opened with. */
  readonly maxLength: number;
  readonly ttlMs: number;
  /** Takes the lease for the next holder, whoever has it. */
  readonly seize: (user: UserId, api: ApiName) => Promise<Lease>;
  /** What the last holder saved. */
  readonly saved: (user: UserId, api: ApiName) => Promise<SavedState | undefined>;
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
      const data = {
        text: 'Grüße 👩‍💻 \u0000 "quoted"',
        list: [1, 2.5, null, { deep: true }],
        empty: {},
        none: [],
        big: 9_007_199_254_740_991,
      };
      const heard: JournalEntry[] = [];
      const listening = await journal.listen(anna, (entries) => heard.push(...entries));
      await journal.append(anna, [{ ...notification(data), channel: '/a/b', receivedAt: 1234 } as NewEntry]);
      const expected = {
        kind: 'notification',
        api: voice,
        channel: '/a/b',
        data,
        receivedAt: 1234,
        position: { epoch: start.epoch, sequence: 1 },
      };
      expect(await read(anna, start)).toEqual([expected]);
      await eventually(() => expect(heard).toEqual([expected]));
      listening.stop();
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
      const listening = await journal.listen(ben, (entries) => heard.push(...entries));
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

    it('gives no entry that is too old, though nothing was written since', async () => {
      const start = await head(anna);
      await journal.append(anna, [notification('old')]);
      await harness.elapse(harness.ttlMs + 50);
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
      const one = await journal.listen(anna, (entries) => first.push(dataOf(entries)));
      const two = await journal.listen(anna, (entries) => second.push(dataOf(entries)));
      await journal.append(anna, [notification('a'), notification('b')]);
      one.stop();
      one.stop();
      await journal.append(anna, [notification('c')]);
      two.stop();
      await journal.append(anna, [notification('d')]);
      await eventually(() => expect(second).toHaveLength(2));
      expect(first).toEqual([['a', 'b']]);
      expect(second).toEqual([['a', 'b'], ['c']]);
    });

    it('keeps the epoch of a user to whom somebody listens', async () => {
      const listening = await journal.listen(anna, () => {});
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

    describe('written on behalf of a holder', () => {
      let start: { epoch: string; sequence: number };

      beforeEach(async () => {
        start = await head(anna);
      });

      const some = (...data: string[]) => data.map((one) => notification(one));
      const stored = async () => dataOf(await read(anna, start));

      it('is refused, whole, when another has taken the lease, and nobody hears of it', async () => {
        const heard: unknown[] = [];
        const listening = await journal.listen(anna, (entries) => heard.push(...dataOf(entries)));
        const lease = await harness.seize(anna, voice);
        await journal.append(anna, some('mine'), { api: voice, lease, saved: { state: 'one' } });
        const next = await harness.seize(anna, voice);
        const late = journal.append(anna, some('late'), { api: voice, lease, saved: { state: 'late' } });
        await expect(late).rejects.toMatchObject({ code: 'ownership_lost', kind: 'unavailable' });
        await journal.append(anna, some('theirs'), { api: voice, lease: next });
        await eventually(() => expect(heard).toEqual(['mine', 'theirs']));
        expect(await stored()).toEqual(['mine', 'theirs']);
        expect(await harness.saved(anna, voice)).toEqual({ state: 'one' });
        listening.stop();
      });

      it('keeps what is saved for the next holder, in the same step', async () => {
        const lease = await harness.seize(anna, voice);
        const append = (data: string, saved?: SavedState) =>
          journal.append(anna, some(data), { api: voice, lease, saved });
        await append('a', { state: 'one', mark: '1' });
        await append('b', { state: 'two', mark: '2' });
        await append('c', { state: 'two', mark: '3' });
        await append('d');
        expect(await harness.saved(anna, voice)).toEqual({ state: 'two', mark: '3' });
      });

      it('keeps what is saved, from one holder to the next and back, while clients listen', async () => {
        const listening = await journal.listen(anna, () => {});
        for (const [at, state] of ['one', 'one', 'two', 'one'].entries()) {
          const lease = await harness.seize(anna, voice);
          for (const mark of [`${at}.1`, `${at}.2`]) {
            await journal.append(anna, some(mark), { api: voice, lease, saved: { state, mark } });
          }
          expect(await harness.saved(anna, voice)).toEqual({ state, mark: `${at}.2` });
        }
        listening.stop();
      });

      it('forgets a mark where the next state has none', async () => {
        const lease = await harness.seize(anna, voice);
        const listening = await journal.listen(anna, () => {});
        for (const saved of [{ state: 'one', mark: '1' }, { state: 'two' }, { state: 'two' }]) {
          await journal.append(anna, some('a'), { api: voice, lease, saved });
        }
        expect(await harness.saved(anna, voice)).toEqual({ state: 'two' });
        listening.stop();
      });

      it('stores a redelivered batch once, and what is new in it', async () => {
        const lease = await harness.seize(anna, voice);
        await journal.append(anna, some('a', 'b'), { api: voice, lease, follows: 'ack-1' });
        await journal.append(anna, some('a', 'b', 'c'), { api: voice, lease, follows: 'ack-1' });
        await journal.append(anna, some('a', 'b', 'c'), { api: voice, lease, follows: 'ack-1' });
        await journal.append(anna, some('d'), { api: voice, lease, follows: 'ack-2' });
        expect(await stored()).toEqual(['a', 'b', 'c', 'd']);
      });

      it('goes by the longest of several redeliveries', async () => {
        const lease = await harness.seize(anna, voice);
        await journal.append(anna, some('a', 'b'), { api: voice, lease, follows: 'ack-1' });
        await journal.append(anna, some('a'), { api: voice, lease, follows: 'ack-1' });
        await journal.append(anna, some('a', 'b', 'c'), { api: voice, lease, follows: 'ack-1' });
        expect(await stored()).toEqual(['a', 'b', 'c']);
      });

      it('begins to count anew with each acknowledgement', async () => {
        const lease = await harness.seize(anna, voice);
        await journal.append(anna, some('a', 'b', 'c'), { api: voice, lease, follows: 'ack-1' });
        await journal.append(anna, some('d'), { api: voice, lease, follows: 'ack-2' });
        await journal.append(anna, some('d', 'e'), { api: voice, lease, follows: 'ack-2' });
        expect(await stored()).toEqual(['a', 'b', 'c', 'd', 'e']);
      });

      it('tells listeners what is new in a redelivered batch, where it is', async () => {
        const heard: JournalEntry[] = [];
        const listening = await journal.listen(anna, (entries) => heard.push(...entries));
        const lease = await harness.seize(anna, voice);
        await journal.append(anna, some('a', 'b'), { api: voice, lease, follows: 'ack-1' });
        await journal.append(anna, some('a', 'b'), { api: voice, lease, follows: 'ack-1' });
        await journal.append(anna, some('a', 'b', 'c'), { api: voice, lease, follows: 'ack-1' });
        await journal.append(anna, some('d'), { api: voice, lease, follows: 'ack-2' });
        await eventually(() => expect(dataOf(heard)).toEqual(['a', 'b', 'c', 'd']));
        expect(heard.map(({ position }) => position.sequence)).toEqual([1, 2, 3, 4]);
        listening.stop();
      });

      it('knows a redelivery to the next holder, too, and adds no second gap', async () => {
        const lease = await harness.seize(anna, voice);
        const loss: NewEntry = { kind: 'loss', api: voice };
        await journal.append(anna, [loss, ...some('a')], { api: voice, lease, follows: 'ack-1' });
        const next = await harness.seize(anna, voice);
        await journal.append(anna, [loss, ...some('a', 'b')], { api: voice, lease: next, follows: 'ack-1' });
        expect(await stored()).toEqual(['gap:workspace', 'a', 'b']);
      });

      it('takes the session that a repeat begins with for the one that was stored', async () => {
        const lease = await harness.seize(anna, voice);
        const session: NewEntry = { kind: 'session-start', api: voice };
        await journal.append(anna, [session, ...some('a')], { api: voice, lease, follows: 'ack-1' });
        await journal.append(anna, [session, ...some('a', 'b')], { api: voice, lease, follows: 'ack-1' });
        expect(await stored()).toEqual(['a', 'b']);
      });

      it('keeps a loss that a redelivered batch tells of for the first time', async () => {
        const lease = await harness.seize(anna, voice);
        const batch = [...some('a'), { kind: 'loss', api: voice } as const, ...some('b')];
        await journal.append(anna, some('a'), { api: voice, lease, follows: 'ack-1' });
        await journal.append(anna, batch, { api: voice, lease, follows: 'ack-1' });
        await journal.append(anna, batch, { api: voice, lease, follows: 'ack-1' });
        expect(await stored()).toEqual(['a', 'gap:workspace', 'b']);
      });

      it('takes a batch for a repeat only where it follows the same acknowledgement of the same API', async () => {
        const lease = await harness.seize(anna, voice);
        const other = await harness.seize(anna, statistics);
        await journal.append(anna, some('a'), { api: voice, lease, follows: 'ack-1' });
        await journal.append(anna, [notification('s', statistics)], {
          api: statistics,
          lease: other,
          follows: 'ack-1',
        });
        await journal.append(anna, some('a'), { api: voice, lease });
        expect(await stored()).toEqual(['a', 's', 'a']);
      });
    });
  });
}
