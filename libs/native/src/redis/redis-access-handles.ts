import { asSessionId } from '@gw/kernel';
import { type Keyspace, type RedisConnections } from '@gw/redis';
import { z } from 'zod';
import { type AccessGrant, AccessHandles } from '../access-handles.js';
import { type HandleHash } from '../handle.js';

const storedGrant = z.object({ session: z.string().transform(asSessionId), expiresAt: z.number() });

/** Access tokens that every instance knows; no secret among what is stored. */
export class RedisAccessHandles extends AccessHandles {
  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: Keyspace,
  ) {
    super();
  }

  override async put(handle: HandleHash, grant: AccessGrant, ttlMs: number): Promise<void> {
    const key = this.#keyOf(handle);
    await this.redis.run((client) => client.set(key, JSON.stringify(grant), 'PX', ttlMs));
  }

  override async find(handle: HandleHash): Promise<AccessGrant | undefined> {
    const text = await this.redis.run((client) => client.get(this.#keyOf(handle)));
    return text === null ? undefined : storedGrant.parse(JSON.parse(text));
  }

  #keyOf(handle: HandleHash): string {
    return this.keys.of('native-access', handle);
  }
}
