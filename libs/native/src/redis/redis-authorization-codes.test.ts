import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Keyring, Secret } from '@gw/kernel';
import { redisServers } from '@gw/redis/testing';
import { describe, expect, it } from 'vitest';
import { handleHashOf, newHandle } from '../handle.js';
import { aGrant, authorizationCodesContract } from '../testing/index.js';
import { RedisAuthorizationCodes } from './redis-authorization-codes.js';

const keyring = new Keyring([{ id: 'test', key: new Secret(randomBytes(32).toString('base64')) }]);

for (const { name, connect } of redisServers) {
  authorizationCodesContract(name, async () => {
    const { redis, keys, close } = await connect();
    return {
      codes: new RedisAuthorizationCodes(redis, keys, keyring),
      elapse: (ms) => sleep(ms),
      close: async () => close(),
    };
  });
}

describe.each(redisServers)('a code in $name', ({ connect }) => {
  it('lies there neither in clear nor with its tokens', async () => {
    const { redis, keys, close } = await connect();
    const codes = new RedisAuthorizationCodes(redis, keys, keyring);
    const code = newHandle();
    await codes.put(handleHashOf(code), aGrant(), 60_000);
    const key = keys.of('native-code', handleHashOf(code));
    const stored = JSON.stringify([key, await redis.run((client) => client.hgetall(key))]);
    expect(stored).toContain('grant');
    for (const secret of [code, 'engage-access', 'engage-refresh', 'anna']) {
      expect(stored).not.toContain(secret);
    }
    await codes.redeem(handleHashOf(code), 60_000);
    expect(await redis.run((client) => client.hkeys(key))).toEqual(['session']);
    close();
  });
});
