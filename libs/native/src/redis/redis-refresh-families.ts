import { asSessionId, type SessionId } from '@gw/kernel';
import { type Keyspace, type RedisConnections } from '@gw/redis';
import { z } from 'zod';
import { type HandleHash } from '../handle.js';
import { type FamilyId, RefreshFamilies } from '../refresh-families.js';
import { beginFamilyScript, rotateScript } from './scripts.js';

const rotation = z.enum(['rotated', 'spent', 'gone']);

/** Families that every instance knows; no secret among what is stored. */
export class RedisRefreshFamilies extends RefreshFamilies {
  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: Keyspace,
  ) {
    super();
  }

  override async begin(
    family: FamilyId,
    session: SessionId,
    token: HandleHash,
    ttlMs: number,
  ): Promise<void> {
    await this.redis.run((client) =>
      beginFamilyScript.run(client, [this.#keyOf(family)], [session, token, ttlMs]),
    );
  }

  override async sessionOf(family: FamilyId): Promise<SessionId | undefined> {
    const session = await this.redis.run((client) => client.hget(this.#keyOf(family), 'session'));
    return session === null ? undefined : asSessionId(session);
  }

  override async rotate(
    family: FamilyId,
    presented: HandleHash,
    next: HandleHash,
  ): Promise<'rotated' | 'spent' | 'gone'> {
    const parameters = [presented, next];
    const outcome = await this.redis.run((client) =>
      rotateScript.run(client, [this.#keyOf(family)], parameters),
    );
    return rotation.parse(outcome);
  }

  #keyOf(family: FamilyId): string {
    return this.keys.of('native-family', family);
  }
}
