import { setTimeout as sleep } from 'node:timers/promises';
import { redisServers } from '@gw/redis/testing';
import { refreshPausesContract } from '../testing/index.js';
import { RedisRefreshPauses } from './redis-refresh-pauses.js';

for (const { name, connect } of redisServers) {
  refreshPausesContract(name, async () => {
    const first = await connect();
    const second = await connect(first.keys);
    return {
      here: new RedisRefreshPauses(first.redis, first.keys),
      there: new RedisRefreshPauses(second.redis, second.keys),
      elapse: (ms) => sleep(ms),
      close: () => {
        first.close();
        second.close();
      },
    };
  });
}
