import { setTimeout as sleep } from 'node:timers/promises';
import { redisServers } from '@gw/redis/testing';
import { refreshFamiliesContract } from '../testing/index.js';
import { RedisRefreshFamilies } from './redis-refresh-families.js';

for (const { name, connect } of redisServers) {
  refreshFamiliesContract(name, async () => {
    const { redis, keys, close } = await connect();
    return {
      families: new RedisRefreshFamilies(redis, keys),
      elapse: (ms) => sleep(ms),
      close: async () => close(),
    };
  });
}
