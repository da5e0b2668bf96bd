import { randomBytes } from 'node:crypto';
import { asApiName, asInstanceId, asUserId, Keyring, Secret, SystemClock } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { RedisInstances, RedisLeases } from '@gw/ownership/redis';
import { type Keyspace } from '@gw/redis';
import { redisServers } from '@gw/redis/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type NewEntry } from '../journal.js';
import { RedisJournal } from './redis-journal.js';

const keyring = new Keyring([{ id: 'test', key: new Secret(randomBytes(32).toString('base64')) }]);
const clock = new SystemClock();
const anna = asUserId('anna');
const api = asApiName('workspace');
const nothing = () => {};

/** A primary that died had taken writes which its replica, the primary now, has never got. */
describe.each(redisServers)('a failover that lost writes, at $name', ({ connect }) => {
  type Instance = Awaited<ReturnType<typeof open>>;
  let one: Instance;
  let two: Instance;

  async function open(shared?: Keyspace, ttlMs = 60_000) {
    const { redis, keys, close } = await connect(shared);
    const journal = new RedisJournal(redis, keys, keyring, clock, { maxLength: 100, ttlMs });
    return { redis, keys, close, journal };
  }

  beforeEach(async () => {
    one = await open();
    two = await open(one.keys);
  });
  afterEach(() => {
    one.close();
    two.close();
  });

  const some = (...data: string[]): NewEntry[] =>
    data.map((text) => ({ kind: 'notification', api, channel: '/voice', data: text, receivedAt: 1 }));
  const head = async ({ journal }: Instance = one) => (await journal.read(anna, undefined)).head;

  /** Runs `writes`, and then puts the journal back to what it was before them. */
  async function losing(writes: () => Promise<unknown>, parts = ['journal', 'entries']): Promise<void> {
    const kept = parts.map((part) => one.keys.ofUser(anna, part));
    const dumps = await Promise.all(kept.map((key) => one.redis.run((client) => client.dumpBuffer(key))));
    await writes();
    for (const [index, key] of kept.entries()) {
      await one.redis.run((client) => client.restore(key, 60_000, dumps[index]!, 'REPLACE'));
    }
  }

  it('is noticed by the writer of what was lost', async () => {
    await one.journal.listen(anna, nothing);
    await one.journal.append(anna, some('a'));
    await losing(() => one.journal.append(anna, some('b', 'c')));
    const before = { ...(await head(two)), sequence: 3 };
    await one.journal.append(anna, some('d', 'e', 'f'));
    expect(await two.journal.read(anna, before)).toMatchObject({ kind: 'gap', reason: 'epoch' });
    expect((await head()).sequence).toBe(3);
  });

  it('is noticed by the next writer, who had heard of what was lost', async () => {
    const heard: unknown[] = [];
    await two.journal.listen(anna, (entries) => heard.push(...entries));
    await one.journal.append(anna, some('a'));
    await losing(async () => {
      await one.journal.append(anna, some('b', 'c'));
      await eventually(() => expect(heard).toHaveLength(3));
    });
    const before = { ...(await head(one)), sequence: 3 };
    await two.journal.append(anna, some('d', 'e', 'f'));
    expect(await one.journal.read(anna, before)).toMatchObject({ kind: 'gap', reason: 'epoch' });
  });

  it('is noticed by the next writer, who had only read what was lost', async () => {
    await one.journal.append(anna, some('a'));
    let before = await head();
    await losing(async () => {
      await one.journal.append(anna, some('b', 'c'));
      await two.journal.listen(anna, nothing);
      before = await head(two);
    });
    await two.journal.append(anna, some('d', 'e', 'f'));
    expect(await one.journal.read(anna, before)).toMatchObject({ kind: 'gap', reason: 'epoch' });
  });

  it('is noticed by a reader, and the position is none of the new journal later on either', async () => {
    await one.journal.append(anna, some('a'));
    let before = await head();
    await losing(async () => {
      await one.journal.append(anna, some('b', 'c'));
      before = await head();
    });
    const gap = await two.journal.read(anna, before);
    expect(gap).toMatchObject({ kind: 'gap', reason: 'epoch', head: { sequence: 0 } });
    expect(gap.head.epoch).not.toBe(before.epoch);
    await one.journal.append(anna, some('d', 'e', 'f', 'g'));
    expect(await two.journal.read(anna, before)).toMatchObject({ kind: 'gap', reason: 'epoch' });
    // Once: what was written since is there.
    expect(await two.journal.read(anna, gap.head)).toMatchObject({ kind: 'entries', entries: { length: 4 } });
  });

  it('is noticed after the reconnection that comes with it, though nobody reads or writes', async () => {
    const lookedAgain: unknown[] = [];
    await two.journal.listen(anna, (entries) => {
      if (entries.length === 0) lookedAgain.push(entries);
    });
    await one.journal.append(anna, some('a'));
    let before = await head();
    await losing(async () => {
      await one.journal.append(anna, some('b'));
      before = await head(two);
    });
    two.redis.channels.reconnect();
    await eventually(() => expect(lookedAgain).not.toHaveLength(0));
    expect((await head()).epoch).not.toBe(before.epoch);
  });

  it('is noticed in time by whoever listens, though no connection broke', async () => {
    const three = await open(one.keys, 400);
    await three.journal.listen(anna, nothing);
    await one.journal.append(anna, some('a'));
    let before = await head();
    await losing(async () => {
      await one.journal.append(anna, some('b'));
      before = await head(three);
    });
    await eventually(async () => expect((await head()).epoch).not.toBe(before.epoch));
    three.close();
  });

  it('is no reason for a new epoch where nothing is missing', async () => {
    await one.journal.listen(anna, nothing);
    await two.journal.listen(anna, nothing);
    await one.journal.append(anna, some('a'));
    const { epoch } = await head();
    for (const data of ['b', 'c', 'd']) {
      await Promise.all([one.journal.append(anna, some(data)), two.journal.append(anna, some(data))]);
      await two.journal.read(anna, await head());
    }
    one.redis.channels.reconnect();
    await two.journal.append(anna, some('e'));
    expect(await head()).toEqual({ epoch, sequence: 8 });
  });

  it('has a batch that was lost stored when it is redelivered', async () => {
    const instances = new RedisInstances(one.redis, one.keys, clock, { self: asInstanceId('one') });
    const { lease } = await new RedisLeases(one.redis, one.keys, keyring, instances).seize(anna, api);
    await one.journal.listen(anna, nothing);
    await one.journal.append(anna, some('a'), { api, lease, follows: 'ack-1' });
    await losing(() => one.journal.append(anna, some('b'), { api, lease, follows: 'ack-2' }));
    await one.journal.append(anna, some('b', 'c'), { api, lease, follows: 'ack-2' });
    const now = await head();
    const read = await one.journal.read(anna, { ...now, sequence: 0 });
    expect(read).toMatchObject({ kind: 'entries', entries: [{ data: 'b' }, { data: 'c' }] });
  });

  it('has the state written again that may be lost with them', async () => {
    const instances = new RedisInstances(one.redis, one.keys, clock, { self: asInstanceId('one') });
    const leases = new RedisLeases(one.redis, one.keys, keyring, instances);
    const { lease } = await leases.seize(anna, api);
    await one.journal.listen(anna, nothing);
    const append = (data: string, state: string, mark: string) =>
      one.journal.append(anna, some(data), { api, lease, saved: { state, mark } });
    await append('a', 'session one', '1');
    await losing(() => append('b', 'session two', '2'), ['journal', 'entries', 'states']);
    await append('c', 'session two', '3');
    expect((await leases.seize(anna, api)).saved).toEqual({ state: 'session two', mark: '3' });
    expect(await one.journal.read(anna, { ...(await head()), sequence: 0 })).toMatchObject({
      entries: [{ data: 'c' }],
    });
  });

  it('of all there was answers every position of before by a gap', async () => {
    await one.journal.append(anna, some('a', 'b', 'c'));
    const before = await head();
    const kept = ['journal', 'entries'].map((part) => one.keys.ofUser(anna, part));
    await one.redis.run((client) => client.del(...kept));
    await one.journal.append(anna, some('d', 'e', 'f', 'g'));
    expect(await two.journal.read(anna, before)).toMatchObject({ kind: 'gap', reason: 'epoch' });
  });
});
