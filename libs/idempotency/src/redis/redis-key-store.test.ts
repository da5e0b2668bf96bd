import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { asUserId, Keyring, Secret } from '@gw/kernel';
import { redisServers } from '@gw/redis/testing';
import { describe, expect, it } from 'vitest';
import { keyStoreContract } from '../testing/key-store.contract.js';
import { RedisKeyStore } from './redis-key-store.js';

const newKeyring = () => new Keyring([{ id: 'test', key: new Secret(randomBytes(32).toString('base64')) }]);
const keyring = newKeyring();
const limits = { windowMs: 800, maxKeys: 5 };
const anna = asUserId('anna');
const request = { token: 'first', fingerprint: 'the-fingerprint', runMs: 60_000 };
const answer = { status: 200, headers: {}, body: Buffer.from('the answer') };

for (const { name, connect } of redisServers) {
  keyStoreContract(name, async () => {
    const one = await connect();
    const two = await connect(one.keys);
    return {
      here: new RedisKeyStore(one.redis, one.keys, keyring, limits),
      there: new RedisKeyStore(two.redis, two.keys, keyring, limits),
      ...limits,
      elapse: (ms) => sleep(ms),
      close: () => {
        one.close();
        two.close();
        return Promise.resolve();
      },
    };
  });
}

describe.each(redisServers)('what lies in $name of a key', ({ connect }) => {
  it('is sealed, ends by itself, and is of no use elsewhere or without the key that sealed it', async () => {
    const { redis, keys, close } = await connect();
    const store = new RedisKeyStore(redis, keys, keyring, limits);
    await store.claim(anna, 'call-+15551234567', request);
    await store.settle(anna, 'call-+15551234567', 'first', answer);
    const index = keys.ofUser(anna, 'idempotency');
    const [record = ''] = await redis.run((client) => client.zrange(index, '0', '-1'));
    const key = `${index}:${record}`;
    const stored = await redis.run((client) => client.hgetall(key));
    expect(stored).toMatchObject({ state: 'answered', token: 'first' });
    const everything = JSON.stringify([key, stored]);
    for (const text of ['15551234567', 'the-fingerprint', 'the answer', answer.body.toString('base64')]) {
      expect(everything).not.toContain(text);
    }
    for (const each of [key, index]) {
      const ttlMs = await redis.run((client) => client.pttl(each));
      expect(ttlMs).toBeGreaterThan(0);
      expect(ttlMs).toBeLessThanOrEqual(limits.windowMs);
    }
    const stranger = new RedisKeyStore(redis, keys, newKeyring(), limits);
    await expect(stranger.claim(anna, 'call-+15551234567', request)).rejects.toMatchObject({
      code: 'sealed_unreadable',
    });
    expect(await store.claim(anna, 'call-+15551234567', request)).toMatchObject({ kind: 'answered' });
    close();
  });

  it('fails with a name when it cannot be reached', async () => {
    const { redis, keys, close } = await connect();
    const store = new RedisKeyStore(redis, keys, keyring, limits);
    close();
    await expect(store.claim(anna, 'key', request)).rejects.toMatchObject({ code: 'state_unavailable' });
  });
});
