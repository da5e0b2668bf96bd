import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Keyring, Secret } from '@gw/kernel';
import { redisServers } from '@gw/redis/testing';
import { loginAttemptsContract } from '../testing/index.js';
import { RedisLoginAttempts } from './redis-login-attempts.js';

const keyring = new Keyring([{ id: 'test', key: new Secret(randomBytes(32).toString('base64')) }]);

for (const { name, connect } of redisServers) {
  loginAttemptsContract(name, async () => {
    const { redis, keys, close } = await connect();
    return {
      attempts: new RedisLoginAttempts(redis, keys, keyring),
      elapse: (ms) => sleep(ms),
      close: async () => close(),
    };
  });
}
