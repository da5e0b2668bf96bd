import { setTimeout as sleep } from 'node:timers/promises';
import { redisServers } from '@gw/redis/testing';
import { rateLevelsContract } from '../testing/index.js';
import { RedisRateLevels } from './redis-rate-levels.js';

for (const { name, connect } of redisServers) {
  rateLevelsContract(name, async () => {
    const first = await connect();
    const second = await connect(first.keys);
    return {
      here: new RedisRateLevels(first.redis, first.keys),
      there: new RedisRateLevels(second.redis, second.keys),
      elapse: (ms) => sleep(ms),
      close: () => {
        first.close();
        second.close();
      },
    };
  });
}
