import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { asApiName, asInstanceId, asUserId, Keyring, Secret, SystemClock } from '@gw/kernel';
import { eventually, FakeClock } from '@gw/kernel/testing';
import { RedisInstances, RedisLeases, USER_STATE_TTL_MS } from '@gw/ownership/redis';
import { redisServers } from '@gw/redis/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type NewEntry } from '../journal.js';
import { RedisJournal } from './redis-journal.js';

const keyring = new Keyring([{ id: 'test', key: new Secret(randomBytes(32).toString('base64')) }]);
const clock = new SystemClock();
const anna = asUserId('anna');
const api = asApiName('workspace');
const TTL_MS = 60_000;

describe.each(redisServers)('what lies of a journal in $name', ({ connect }) => {
  type Opened = Awaited<ReturnType<typeof open>>;
  let redis: Opened['redis'];
  let keys: Opened['keys'];
  let leases: Opened['leases'];
  let journal: Opened['journal'];
  let close: Opened['close'];

  async function open(ttlMs: number) {
    const opened = await connect();
    const instances = new RedisInstances(opened.redis, opened.keys, clock, { self: asInstanceId('one') });
    return {
      ...opened,
      leases: new RedisLeases(opened.redis, opened.keys, keyring, instances),
      journal: new RedisJournal(opened.redis, opened.keys, keyring, clock, { maxLength: 10, ttlMs }),
    };
  }

  beforeEach(async () => {
    ({ redis, keys, leases, journal, close } = await open(TTL_MS));
  });
  afterEach(() => close());

  const entries = (count: number): NewEntry[] =>
    Array.from({ length: count }, (_, data) => {
      return { kind: 'notification', api, channel: '/voice', data, receivedAt: 1 };
    });

  it('is unavailable where something else than an entry is stored, and does not quote that', async () => {
    const { head } = await journal.read(anna, undefined);
    await journal.append(anna, entries(1));
    const key = keys.ofUser(anna, 'entries');
    await redis.run((client) => client.del(key));
    await redis.run((client) => client.xadd(key, `1-${Date.now()}`, 'e', 'a secret, not JSON'));
    const failure: unknown = await journal.read(anna, head).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'journal_unavailable' });
    expect(inspect(failure, { depth: 9 })).not.toContain('secret');
  });

  it('leaves nothing in Redis for longer than it is of use', async () => {
    const { lease } = await leases.seize(anna, api);
    await redis.run((client) => client.persist(keys.ofUser(anna, 'leases')));
    await journal.append(anna, entries(1), { api, lease, follows: 'ack-1', saved: { state: 'one' } });
    for (const [name, ttlMs] of [
      ['journal', 2 * TTL_MS],
      ['entries', 2 * TTL_MS],
      ['states', USER_STATE_TTL_MS],
      ['leases', USER_STATE_TTL_MS],
    ] as const) {
      const left = await redis.run((client) => client.pttl(keys.ofUser(anna, name)));
      expect(left, name).toBeGreaterThan(ttlMs / 2);
      expect(left, name).toBeLessThanOrEqual(ttlMs);
    }
  });

  it('is kept for longer by whoever writes to it, though not by each who does', async () => {
    const short = await open(400);
    const key = short.keys.ofUser(anna, 'entries');
    const expiresAt = () => short.redis.run((client) => client.call('PEXPIRETIME', key));
    await short.journal.append(anna, entries(1));
    const first = await expiresAt();
    await short.journal.append(anna, entries(1));
    expect(await expiresAt()).toBe(first);
    await new Promise((resolve) => setTimeout(resolve, 150));
    await short.journal.append(anna, entries(1));
    expect(await expiresAt()).toBeGreaterThan(first as number);
    short.close();
  });

  it('leaves no state for ever that was given back and is there again', async () => {
    const states = keys.ofUser(anna, 'states');
    for (let turn = 0; turn < 2; turn += 1) {
      const { lease } = await leases.seize(anna, api);
      await journal.append(anna, entries(1), { api, lease, saved: { state: 'one' } });
      expect(await redis.run((client) => client.pttl(states))).toBeGreaterThan(USER_STATE_TTL_MS / 2);
      await redis.run((client) => client.del(states));
    }
  });

  it('is kept by one timer, also where nobody listened for a moment while it was at that', async () => {
    const time = new FakeClock();
    const watched = new RedisJournal(redis, keys, keyring, time, { maxLength: 10, ttlMs: TTL_MS });
    const run = redis.run.bind(redis);
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const kept: Promise<unknown>[] = [];
    redis.run = async (command) => {
      await held;
      const answer = run(command);
      kept.push(answer);
      return answer;
    };
    const first = await watched.listen(anna, () => {});
    await time.elapse(TTL_MS / 2);
    first.stop();
    const second = await watched.listen(anna, () => {});
    goOn();
    await eventually(() => expect(kept).toHaveLength(1));
    await Promise.all(kept);
    await time.elapse(0);
    expect(time.pending).toBe(1);
    second.stop();
    expect(time.pending).toBe(0);
  });

  it('keeps what somebody reads, as what is written to', async () => {
    await journal.append(anna, entries(1));
    const kept = ['journal', 'entries'].map((part) => keys.ofUser(anna, part));
    for (const key of kept) await redis.run((client) => client.pexpire(key, 5_000));
    await journal.read(anna, undefined);
    for (const key of kept) expect(await redis.run((client) => client.pttl(key))).toBeGreaterThan(TTL_MS);
  });

  it('takes entries out of Redis that are too old, when the next are written', async () => {
    const short = await open(300);
    await short.journal.append(anna, entries(3));
    await new Promise((resolve) => setTimeout(resolve, 350));
    await short.journal.append(anna, entries(1));
    expect(await short.redis.run((client) => client.xlen(short.keys.ofUser(anna, 'entries')))).toBe(1);
    short.close();
  });

  it('keeps no state in clear', async () => {
    const { lease } = await leases.seize(anna, api);
    await journal.append(anna, entries(1), { api, lease, saved: { state: 'client-id-77', mark: '7' } });
    const states = await redis.run((client) => client.hgetall(keys.ofUser(anna, 'states')));
    expect(Object.keys(states)).toEqual(['workspace', 'mark:workspace']);
    expect(Object.values(states).join()).not.toContain('client-id-77');
    expect((await leases.seize(anna, api)).saved).toEqual({ state: 'client-id-77', mark: '7' });
  });

  it('seals a state once, however many batches come with it', async () => {
    const { lease } = await leases.seize(anna, api);
    const listening = await journal.listen(anna, () => {});
    const sealed = () => redis.run((client) => client.hget(keys.ofUser(anna, 'states'), 'workspace'));
    const texts: (string | null)[] = [];
    for (const [state, mark] of [
      ['one', '1'],
      ['one', '2'],
      ['two', '3'],
      ['two', '4'],
    ] as const) {
      await journal.append(anna, entries(1), { api, lease, saved: { state, mark } });
      texts.push(await sealed());
    }
    expect(texts[1]).toBe(texts[0]);
    expect(texts[2]).not.toBe(texts[1]);
    expect(texts[3]).toBe(texts[2]);
    listening.stop();
    expect((await leases.seize(anna, api)).saved).toEqual({ state: 'two', mark: '4' });
  });
});
