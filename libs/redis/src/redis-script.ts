import { createHash } from 'node:crypto';
import { type RedisClient } from './redis-client.js';

/** A Lua script: one atomic step. The server keeps its text; we send the hash, and the text where that is unknown. */
export class RedisScript {
  readonly #sha1: string;

  /** The script's head comment says what its KEYS and ARGV are, and what it returns. */
  constructor(private readonly lua: string) {
    this.#sha1 = createHash('sha1').update(lua).digest('hex');
  }

  async run(
    client: RedisClient,
    keys: readonly string[],
    parameters: readonly (string | number)[],
  ): Promise<unknown> {
    try {
      return await client.evalsha(this.#sha1, keys.length, ...keys, ...parameters);
    } catch (error) {
      // After a restart, a failover or a flush the server does not know it any more. The client of a cluster
      // puts words of its own before the server's.
      if (!(error instanceof Error) || !/\bNOSCRIPT\b/u.test(error.message)) throw error;
      return client.eval(this.lua, keys.length, ...keys, ...parameters);
    }
  }
}
