import { randomBytes } from 'node:crypto';
import { asUserId, Keyring, Secret, SystemClock } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { type Keyspace } from '@gw/redis';
import { redisServers } from '@gw/redis/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SessionNotice } from '../session-watches.js';
import { Sessions } from '../sessions.js';
import { aSession, sessionStoreContract } from '../testing/index.js';
import { RedisSessionFeed } from './redis-session-feed.js';
import { RedisSessionStore } from './redis-session-store.js';

const key = (id: string) => ({ id, key: new Secret(randomBytes(32).toString('base64')) });
const [former, current] = [key('former'), key('current')];
const clock = new SystemClock();
const LONG_MS = 60_000;

describe.each(redisServers)('$name', ({ name, connect }) => {
  sessionStoreContract(name, async () => {
    const { redis, keys, close } = await connect();
    return {
      store: new RedisSessionStore(redis, keys, new Keyring([current])),
      now: () => Date.now(),
      elapse: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      close: async () => close(),
    };
  });

  describe('a stored session', () => {
    it('is readable while keys are rotated, and sealed by the new key when next written', async () => {
      const { redis, keys, close } = await connect();
      const session = aSession(Date.now());
      await new RedisSessionStore(redis, keys, new Keyring([former])).create(session, LONG_MS);
      const during = new RedisSessionStore(redis, keys, new Keyring([current, former]));
      expect(await during.load(session.id)).toEqual(session);
      await during.replace({ ...session, version: 2 }, 1, LONG_MS);
      const after = new RedisSessionStore(redis, keys, new Keyring([current]));
      expect((await after.load(session.id))?.version).toBe(2);
      close();
    });

    it('that no key opens is an error, and hides no other', async () => {
      const { redis, keys, close } = await connect();
      const [lost, readable] = [aSession(Date.now()), aSession(Date.now())];
      await new RedisSessionStore(redis, keys, new Keyring([former])).create(lost, LONG_MS);
      const store = new RedisSessionStore(redis, keys, new Keyring([current]));
      await store.create(readable, LONG_MS);
      await expect(store.load(lost.id)).rejects.toMatchObject({ code: 'sealed_unreadable' });
      expect(await store.ofUser(lost.user.id)).toEqual([readable]);
      close();
    });

    it('that no key opens is not removed, for its end could not be announced', async () => {
      const { redis, keys, close } = await connect();
      const session = aSession(Date.now());
      const ahead = new RedisSessionStore(redis, keys, new Keyring([current, former]));
      const behind = new RedisSessionStore(redis, keys, new Keyring([former]));
      await ahead.create(session, LONG_MS);
      await expect(behind.remove(session.id)).rejects.toMatchObject({ code: 'sealed_unreadable' });
      expect(await ahead.remove(session.id)).toEqual(session);
      close();
    });

    it('leaves a tombstone and nothing else when it is removed', async () => {
      const { redis, keys, close } = await connect();
      const store = new RedisSessionStore(redis, keys, new Keyring([current]));
      const session = aSession(Date.now(), { user: { id: asUserId('{}'), userName: 'x', displayName: 'X' } });
      await store.create(session, LONG_MS);
      await store.remove(session.id);
      const left = await Promise.all(
        [keys.ofUser(session.user.id, 'sessions'), ...endsKeys(keys), keys.of('session', session.id)].map(
          (each) => redis.run((client) => client.exists(each)),
        ),
      );
      expect(left.reduce((sum, one) => sum + one, 0)).toBe(1);
      close();
    });

    it('shows no token to one who reads Redis', async () => {
      const { redis, keys, close } = await connect();
      const session = aSession(Date.now());
      await new RedisSessionStore(redis, keys, new Keyring([current])).create(session, LONG_MS);
      const stored = await redis.run((client) => client.hgetall(keys.of('session', session.id)));
      const { accessToken, refreshToken } = session.tokens;
      for (const token of [accessToken, refreshToken]) {
        expect(JSON.stringify(stored)).not.toContain(token?.reveal());
      }
      close();
    });
  });
});

const endsKeys = (keys: Keyspace) =>
  Array.from({ length: 16 }, (_, shard) => keys.of('session-ends', `${shard}`));

describe('a session that several instances serve', () => {
  const [{ connect }] = redisServers as [(typeof redisServers)[number]];
  let one: Awaited<ReturnType<typeof open>>;
  let two: Awaited<ReturnType<typeof open>>;

  async function open(shared?: Keyspace) {
    const { redis, keys, close } = await connect(shared);
    const store = new RedisSessionStore(redis, keys, new Keyring([current]));
    const feed = new RedisSessionFeed(redis, keys);
    let lostMs = 0;
    const limits = { idleTtlMs: LONG_MS, maxTtlMs: LONG_MS };
    const rejoined = new Set<() => void>();
    const sessions = new Sessions(store, clock, limits, undefined, {
      feed,
      contactLostMs: () => lostMs,
      onRejoined: (listener) => {
        rejoined.add(listener);
        return () => rejoined.delete(listener);
      },
    });
    sessions.start();
    return {
      redis,
      keys,
      store,
      sessions,
      loseContact: (ms: number) => (lostMs = ms),
      rejoin: () => rejoined.forEach((listener) => listener()),
      close: async () => {
        await sessions.close();
        close();
      },
    };
  }

  beforeEach(async () => {
    one = await open();
    two = await open(one.keys);
  });
  afterEach(async () => {
    await one.close();
    await two.close();
  });

  const login = () => {
    const { user, tokens, device } = aSession(Date.now());
    return one.sessions.create({ user, tokens, device });
  };
  const find = (at: typeof one, secret: string) => at.sessions.authenticate(secret, { touch: false });

  it('is known at each, and its end is heard at the others with its reason', async () => {
    const { secret, session } = await login();
    expect((await find(two, secret))?.user).toEqual(session.user);
    const heard: SessionNotice[] = [];
    two.sessions.watch(session.id, (notice) => heard.push(notice));
    await one.sessions.end(session.id, 'logout');
    await eventually(() => expect(heard).toMatchObject([{ state: 'ended', reason: 'logout' }]));
    expect(await find(two, secret)).toBeUndefined();
  });

  it('is served from memory, without a look at Redis, until something of it is told', async () => {
    const { secret, session } = await login();
    await find(two, secret);
    await two.redis.run((client) => client.del(two.keys.of('session', session.id)));
    expect(await find(two, secret)).toBeDefined();
    await one.sessions.end(session.id, 'logout').catch(() => {});
  });

  it('is touched by one of them; another whose touch came too late knows of it', async () => {
    const { secret, session } = await login();
    const unused = { ...session, version: 2, lastSeenAt: session.lastSeenAt - LONG_MS / 2 };
    await one.store.replace(unused, 1, LONG_MS);
    for (const each of [one, two]) expect((await find(each, secret))?.version).toBe(2);
    for (const each of [one, two]) {
      await each.sessions.authenticate(secret, { touch: true });
      await eventually(async () => expect((await find(each, secret))?.version).toBe(3));
    }
    expect((await one.store.load(session.id))?.version).toBe(3);
  });

  it('is not revived by a read that began before its end was told', async () => {
    const { session } = await login();
    const read = two.store.load.bind(two.store);
    let proceed = () => {};
    const held = new Promise<void>((resolve) => (proceed = resolve));
    two.store.load = async (id) => {
      const found = await read(id);
      await held;
      return found;
    };
    const slow = two.sessions.load(session.id);
    const ended = new Promise<void>((resolve) => two.sessions.watch(session.id, () => resolve()));
    await one.sessions.end(session.id, 'logout');
    await ended;
    proceed();
    expect(await slow).toBeUndefined();
    two.store.load = read;
    expect(await two.sessions.load(session.id)).toBeUndefined();
  });

  it('has the new tokens at every instance soon after one has written them', async () => {
    const { secret, session } = await login();
    await find(two, secret);
    const tokens = { ...session.tokens, accessToken: new Secret('access-new') };
    await one.sessions.replaceTokens(session, tokens);
    await eventually(async () =>
      expect((await find(two, secret))?.tokens.accessToken.reveal()).toBe('access-new'),
    );
  });

  it('whose end was missed is found out after the channel was interrupted', async () => {
    const { session } = await login();
    const heard: SessionNotice[] = [];
    two.sessions.watch(session.id, (notice) => heard.push(notice));
    await one.store.remove(session.id);
    two.redis.channels.reconnect();
    await eventually(() => expect(heard).toMatchObject([{ state: 'ended' }]));
  });

  it('that Redis has forgotten is found out when the instance notices', async () => {
    const { secret, session } = await login();
    const heard: SessionNotice[] = [];
    two.sessions.watch(session.id, (notice) => heard.push(notice));
    expect(await find(two, secret)).toBeDefined();
    await one.redis.run((client) => client.del(one.keys.of('session', session.id)));
    two.rejoin();
    await eventually(() => expect(heard).toMatchObject([{ state: 'ended', reason: 'revoked' }]));
    expect(await find(two, secret)).toBeUndefined();
  });

  it('is served for ten seconds without contact, and then neither served nor called ended', async () => {
    const { secret, session } = await login();
    await find(two, secret);
    const heard: SessionNotice[] = [];
    two.sessions.watch(session.id, (notice) => heard.push(notice));
    two.loseContact(9_000);
    expect(await find(two, secret)).toBeDefined();
    two.loseContact(10_001);
    await expect(find(two, secret)).rejects.toMatchObject({ code: 'state_unavailable' });
    await eventually(() => expect(heard).toEqual([{ state: 'unverifiable' }]));
    two.loseContact(0);
    expect(await find(two, secret)).toBeDefined();
  });
});
