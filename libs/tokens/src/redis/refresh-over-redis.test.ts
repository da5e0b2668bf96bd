import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Keyring, Secret, SystemClock } from '@gw/kernel';
import { RedisLocks } from '@gw/ownership/redis';
import { redisServers } from '@gw/redis/testing';
import { Sessions } from '@gw/sessions';
import { RedisSessionStore } from '@gw/sessions/redis';
import { expect, describe, it, beforeEach, afterEach } from 'vitest';
import { type TokenGrant } from '../authorization-server.js';
import { FakeAuthorizationServer } from '../testing/index.js';
import { Tokens } from '../tokens.js';
import { RedisRefreshPauses } from './redis-refresh-pauses.js';

const clock = new SystemClock();
const limits = { idleTtlMs: 36e5, maxTtlMs: 36e5 };
/** Short, so that a slow token endpoint outlives it. */
const LOCK_TTL_MS = 1_000;
const token = (name: string) => ({ kind: 'token', token: name });

describe.each(redisServers)('three instances on $name at the moment of expiry', ({ connect }) => {
  let server: FakeAuthorizationServer;
  let instances: { readonly sessions: Sessions; readonly tokens: Tokens }[];
  let close: () => void;

  beforeEach(async () => {
    server = new FakeAuthorizationServer(clock);
    const keyring = new Keyring([{ id: 'k', key: new Secret(randomBytes(32).toString('base64')) }]);
    const first = await connect();
    const connections = [first, await connect(first.keys), await connect(first.keys)];
    close = () => connections.forEach((each) => each.close());
    instances = connections.map(({ redis, keys }) => {
      const sessions = new Sessions(new RedisSessionStore(redis, keys, keyring), clock, limits);
      const tokens = new Tokens(sessions, server, clock, undefined, {
        locks: new RedisLocks(redis, keys, clock, { ttlMs: LOCK_TTL_MS }),
        pauses: new RedisRefreshPauses(redis, keys),
        waitMs: 30_000,
      });
      return { sessions, tokens };
    });
  });
  afterEach(() => close());

  async function expiredSession() {
    const { tokens } = server.issue();
    const now = clock.now();
    const expired = { ...tokens, obtainedAt: now - server.lifeMs, expiresAt: now - 1 };
    return (await instances[0]!.sessions.create({ user: server.user, tokens: expired, device: 'd' })).session
      .id;
  }
  /** What each of 99 requests, spread over the instances, gets. */
  async function requests(): Promise<unknown[]> {
    const id = await expiredSession();
    return Promise.all(
      Array.from({ length: 99 }, async (_, index) => instances[index % 3]!.tokens.access(id)),
    );
  }
  const all = (access: unknown) => Array.from({ length: 99 }, () => access);

  it('redeem the refresh token once', async () => {
    expect(await requests()).toEqual(all(token('access-2')));
    expect(server.redeemed).toEqual(['refresh-1']);
  });

  it('redeem it once also when that takes longer than a lock lives by itself', async () => {
    server.answers.push(async () => {
      await sleep(3 * LOCK_TTL_MS);
      return server.issue();
    });
    expect(await requests()).toEqual(all(token('access-2')));
    expect(server.redeemed).toEqual(['refresh-1']);
  });

  it('follow one back-off while the token endpoint answers 503', async () => {
    const failure: TokenGrant = { kind: 'unavailable', retryAfterMs: 0, reason: 'status' };
    server.answers.push(...Array.from({ length: 100 }, () => failure));
    const id = await expiredSession();
    const begin = clock.now();
    let rounds = 0;
    while (clock.now() - begin < 2_900) {
      const accesses = await Promise.all(instances.map(async ({ tokens }) => tokens.access(id)));
      expect(accesses.map(({ kind }) => kind)).toEqual(['unavailable', 'unavailable', 'unavailable']);
      rounds += 1;
      await sleep(50);
    }
    // At once, and no sooner than one, three and seven seconds later.
    const allowed = [0, 1_000, 3_000, 7_000].filter((at) => at <= clock.now() - begin).length;
    expect(rounds).toBeGreaterThan(2);
    expect(server.redeemed.length).toBeLessThanOrEqual(allowed);
  });
});
