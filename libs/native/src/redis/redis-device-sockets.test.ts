import { setTimeout as sleep } from 'node:timers/promises';
import { redisServers } from '@gw/redis/testing';
import { deviceSocketsContract } from '../testing/index.js';
import { RedisDeviceSockets } from './redis-device-sockets.js';

for (const { name, connect } of redisServers) {
  deviceSocketsContract(name, async () => {
    const here = await connect();
    const there = await connect(here.keys);
    return {
      instances: [
        new RedisDeviceSockets(here.redis, here.keys),
        new RedisDeviceSockets(there.redis, there.keys),
      ],
      elapse: (ms) => sleep(ms),
      close: async () => {
        here.close();
        there.close();
      },
    };
  });
}
