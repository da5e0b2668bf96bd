import { randomBytes } from 'node:crypto';
import { asApiName, asInstanceId, asUserId, Keyring, Secret, SystemClock } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { RedisInstances, RedisLeases } from '@gw/ownership/redis';
import { type Keyspace } from '@gw/redis';
import { redisServers } from '@gw/redis/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type JournalEntry, type NewEntry } from '../journal.js';
import { journalContract } from '../testing/index.js';
import { RedisJournal } from './redis-journal.js';

const keyring = new Keyring([{ id: 'test', key: new Secret(randomBytes(32).toString('base64')) }]);
const clock = new SystemClock();
const anna = asUserId('anna');
const api = asApiName('workspace');

describe.each(redisServers)('$name', ({ name, connect }) => {
  async function open(options: { maxLength: number; ttlMs: number }, shared?: Keyspace) {
    const { redis, keys, close } = await connect(shared);
    const instances = new RedisInstances(redis, keys, clock, { self: asInstanceId('one') });
    const leases = new RedisLeases(redis, keys, keyring, instances);
    const journal = new RedisJournal(redis, keys, keyring, clock, options);
    return { redis, keys, close, leases, journal };
  }

  journalContract(name, async () => {
    const options = { maxLength: 10, ttlMs: 1_000 };
    const { journal, leases, close } = await open(options);
    return {
      journal,
      ...options,
      seize: async (user, name_) => (await leases.seize(user, name_)).lease,
      saved: async (user, name_) => (await leases.seize(user, name_)).saved,
      elapse: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      close: async () => close(),
    };
  });

  describe('a journal that two instances share', () => {
    const options = { maxLength: 2_000, ttlMs: 60_000 };
    let one: Awaited<ReturnType<typeof open>>;
    let two: Awaited<ReturnType<typeof open>>;

    beforeEach(async () => {
      one = await open(options);
      two = await open(options, one.keys);
    });
    afterEach(() => {
      one.close();
      two.close();
    });

    const entry = (data: unknown): NewEntry => ({
      kind: 'notification',
      api,
      channel: '/voice',
      data,
      receivedAt: 1,
    });
    const entries = (count: number, from = 0) =>
      Array.from({ length: count }, (_, index) => entry(from + index));
    const sequences = (heard: readonly JournalEntry[]) => heard.map(({ position }) => position.sequence);

    /** As the fan-out does: what is next is taken, everything else means "read on". */
    async function follow(journal: RedisJournal): Promise<JournalEntry[]> {
      const { head } = await journal.read(anna, undefined);
      const got: JournalEntry[] = [];
      let reading = Promise.resolve();
      await journal.listen(anna, () => {
        reading = reading.then(async () => {
          const result = await journal.read(anna, got.at(-1)?.position ?? head);
          if (result.kind === 'entries') got.push(...result.entries);
        });
      });
      return got;
    }

    it('tells each batch once, in order, at the instance that writes and at the other', async () => {
      const heard: [JournalEntry[], JournalEntry[]] = [[], []];
      await one.journal.listen(anna, (batch) => heard[0].push(...batch));
      await two.journal.listen(anna, (batch) => heard[1].push(...batch));
      for (let at = 0; at < 50; at += 5) await one.journal.append(anna, entries(5, at));
      await eventually(() => expect(heard.map((each) => each.length)).toEqual([50, 50]));
      const expected = Array.from({ length: 50 }, (_, index) => index + 1);
      expect(heard.map(sequences)).toEqual([expected, expected]);
    });

    it('tells the clients of the instance that writes without waiting for the channel', async () => {
      const heard: JournalEntry[] = [];
      await one.journal.listen(anna, (batch) => heard.push(...batch));
      one.redis.channels.close();
      await one.journal.append(anna, entries(3));
      expect(heard).toHaveLength(3);
    });

    it('loses nothing to a connection that breaks while it is written to', async () => {
      const got = await follow(two.journal);
      for (let at = 0; at < 60; at += 1) {
        if (at % 20 === 10) two.redis.channels.reconnect();
        await one.journal.append(anna, entries(1, at));
      }
      await eventually(() => expect(got).toHaveLength(60));
      expect(sequences(got)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    });

    it('has listeners look again after a connection broke, though nothing is written any more', async () => {
      const heard: number[][] = [];
      await two.journal.listen(anna, (batch) => heard.push(sequences(batch)));
      two.redis.channels.reconnect();
      await one.journal.append(anna, entries(1));
      await eventually(() => expect(heard).toContainEqual([]));
    });

    it('takes a thousand entries at once, and announces what is too big to be told', async () => {
      const got = await follow(two.journal);
      const big = 'ü'.repeat(200);
      await one.journal.append(
        anna,
        entries(1_000).map((each) => ({ ...each, data: big }) as NewEntry),
      );
      await eventually(() => expect(got).toHaveLength(1_000));
      expect(got.at(-1)).toMatchObject({ data: big });
    });

    it('tells no more than a hint of a batch that is too big for a message', async () => {
      const messages: string[] = [];
      await two.redis.channels.listen(one.keys.ofUser(anna, 'news'), {
        message: (text) => messages.push(text),
        listening: () => {},
      });
      const heard: number[][] = [];
      await two.journal.listen(anna, (batch) => heard.push(sequences(batch)));
      await one.journal.append(anna, [entry('small'), entry('x'.repeat(70_000)), entry('small')]);
      await one.journal.append(anna, [entry('small')]);
      await eventually(() => expect(messages).toHaveLength(2));
      expect(messages[0]?.length).toBeLessThan(200);
      expect(messages[1]).toContain('small');
      // Not the part that would have had room: the rest of it would be taken for told.
      await eventually(() => expect(heard).toEqual([[], [4]]));
    });

    it('has one subscription for all who listen to a user, and none when the last has stopped', async () => {
      let subscriptions = 0;
      const { channels } = one.redis;
      const listen = channels.listen.bind(channels);
      channels.listen = async (channel, listener) => {
        subscriptions += 1;
        const stop = await listen(channel, listener);
        return () => {
          subscriptions -= 1;
          stop();
        };
      };
      const listening = [await one.journal.listen(anna, () => {}), await one.journal.listen(anna, () => {})];
      expect(subscriptions).toBe(1);
      listening[0]?.stop();
      expect(subscriptions).toBe(1);
      listening[1]?.stop();
      expect(subscriptions).toBe(0);
    });

    it('says that it is unavailable when Redis is, and listens again when that is back', async () => {
      const unavailable = { code: 'journal_unavailable', kind: 'unavailable' };
      two.redis.channels.reconnect();
      const heard: number[][] = [];
      const tooEarly = two.journal.listen(anna, (batch) => heard.push(sequences(batch)));
      await expect(tooEarly).rejects.toMatchObject(unavailable);
      await eventually(async () => {
        await two.journal.listen(anna, (batch) => heard.push(sequences(batch)));
      });
      await one.journal.append(anna, entries(1));
      await eventually(() => expect(heard).toEqual([[1]]));
      two.close();
      await expect(two.journal.append(anna, entries(1))).rejects.toMatchObject(unavailable);
      await expect(two.journal.read(anna, undefined)).rejects.toMatchObject(unavailable);
    });
  });
});
