import { randomUUID } from 'node:crypto';
import { SystemClock } from '@gw/kernel';
import { inject } from 'vitest';
import { Keyspace } from '../keyspace.js';
import { RedisConnections } from '../redis-connections.js';
import { RedisEvents } from '../redis-events.js';
import { parseRedisUrl } from '../redis-target.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** `REDIS_URL` of the servers that the test run started. */
    readonly redisStandaloneUrl: string;
    readonly redisClusterUrl: string;
  }
}

/** A connection of one test's own, and keys that no other test uses. */
export interface RedisAtTest {
  readonly redis: RedisConnections;
  readonly keys: Keyspace;
  readonly close: () => void;
}

class NoEvents extends RedisEvents {}

/** Every kind of Redis that adapters must work with: for `describe.each`, or to run a contract suite on each. */
export const redisServers = (['standalone', 'cluster'] as const).map((name) => ({
  name: `Redis ${name}`,
  /** `keys`: to be a second instance beside the test that has them. */
  connect: async (keys = new Keyspace(`test-${randomUUID()}`)): Promise<RedisAtTest> => {
    const url = inject(name === 'cluster' ? 'redisClusterUrl' : 'redisStandaloneUrl');
    const redis = new RedisConnections(parseRedisUrl(url), new SystemClock(), new NoEvents());
    await redis.ready(10_000);
    return { redis, keys, close: () => redis.close() };
  },
}));
