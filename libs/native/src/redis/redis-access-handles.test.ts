import { setTimeout as sleep } from 'node:timers/promises';
import { redisServers } from '@gw/redis/testing';
import { accessHandlesContract } from '../testing/index.js';
import { RedisAccessHandles } from './redis-access-handles.js';

for (const { name, connect } of redisServers) {
  accessHandlesContract(name, async () => {
    const { redis, keys, close } = await connect();
    return {
      handles: new RedisAccessHandles(redis, keys),
      elapse: (ms) => sleep(ms),
      close: async () => close(),
    };
  });
}
