import { type SessionId } from '@gw/kernel';
import { type Keyspace, type RedisConnections, RedisScript } from '@gw/redis';
import { pausesAfterFailures, RefreshPauses } from '../refresh-pauses.js';

/** How long after its pause a failure is remembered, in milliseconds. */
const REMEMBERED_MS = 60_000;

/**
 * KEYS: 1 the count of failures in a row.
 * ARGV: 1 how long it outlives the pause, milliseconds; 2… the pauses after the first failure, the second …
 * Returns the pause, milliseconds. The key's own expiry tells how much of it is left.
 */
const fail = new RedisScript(`
local failures = redis.call('INCR', KEYS[1])
local ms = tonumber(ARGV[math.min(failures, #ARGV - 1) + 1])
redis.call('PEXPIRE', KEYS[1], ms + tonumber(ARGV[1]))
return ms
`);

/** One key for each session whose refresh failed lately. */
export class RedisRefreshPauses extends RefreshPauses {
  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: Keyspace,
  ) {
    super();
  }

  override async leftOf(id: SessionId): Promise<number> {
    // Negative when there is no such key.
    const ttlMs = await this.redis.run((client) => client.pttl(this.#key(id)));
    return Math.max(0, ttlMs - REMEMBERED_MS);
  }

  override async failed(id: SessionId, advisedMs: number): Promise<number> {
    const parameters = [REMEMBERED_MS, ...pausesAfterFailures(advisedMs)];
    return Number(await this.redis.run((client) => fail.run(client, [this.#key(id)], parameters)));
  }

  override async clear(id: SessionId): Promise<void> {
    await this.redis.run((client) => client.del(this.#key(id)));
  }

  #key(id: SessionId): string {
    return this.keys.of('refresh-pause', id);
  }
}
