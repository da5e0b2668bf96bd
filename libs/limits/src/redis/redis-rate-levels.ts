import { type Keyspace, type RedisConnections, RedisScript } from '@gw/redis';
import { RateLevels } from '../rate-levels.js';

/**
 * KEYS: 1 the bucket.
 * ARGV: 1 what is poured in, milliseconds; 2 what it holds at most, milliseconds.
 * Returns its level after that, milliseconds. The key's own expiry is the level: it runs out by itself, by the clock of
 * the server alone.
 */
const pour = new RedisScript(`
local level = math.max(0, redis.call('PTTL', KEYS[1])) + tonumber(ARGV[1])
level = math.max(1, math.min(level, tonumber(ARGV[2])))
redis.call('SET', KEYS[1], '', 'PX', level)
return level
`);

/** One key for each bucket that is not empty. */
export class RedisRateLevels extends RateLevels {
  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: Keyspace,
  ) {
    super();
  }

  override async pour(key: string, ms: number, capacityMs: number): Promise<number> {
    const name = this.keys.of('rate', key);
    return Number(await this.redis.run((client) => pour.run(client, [name], [ms, capacityMs])));
  }
}
