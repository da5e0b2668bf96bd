import { asSessionId, GatewayError, type Keyring, type SessionId, type UserId } from '@gw/kernel';
import { type Keyspace, type RedisConnections } from '@gw/redis';
import { endOf, isOver, type Session } from '../session.js';
import { SessionStore } from '../session-store.js';
import { createScript, removeScript, replaceScript } from './scripts.js';
import { formatSession, parseSession } from './session-codec.js';

/** Longer than any write can be under way. */
const TOMBSTONE_MS = 3_600_000;

/** The ends of all sessions, in so many sorted sets, so that no node of a cluster has them all. */
const SHARDS = 16;

/** Sessions read at a time. */
const AT_ONCE = 50;

/**
 * Sessions that all instances share, their records sealed. The indexes (a user's sessions, and when which
 * session ends) lie in other slots: they are written before the record and corrected when read, so that a
 * session may be missing from its index only while nobody has been told of it.
 */
export class RedisSessionStore extends SessionStore {
  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: Keyspace,
    private readonly keyring: Keyring,
  ) {
    super();
  }

  override async create(session: Session, ttlMs: number): Promise<'created' | 'gone'> {
    await this.#index(session, ttlMs);
    const parameters = [session.version, this.#seal(session), ttlMs];
    const created = await this.redis.run((client) =>
      createScript.run(client, [this.#keyOf(session.id)], parameters),
    );
    if (created === 1) return 'created';
    await this.#unindex(session.id, session.user.id);
    return 'gone';
  }

  override async load(id: SessionId): Promise<Session | undefined> {
    const record = await this.redis.run((client) => client.hget(this.#keyOf(id), 'record'));
    return record === null ? undefined : this.#open(id, record);
  }

  override async replace(
    session: Session,
    expectedVersion: number,
    ttlMs: number,
  ): Promise<'replaced' | 'conflict' | 'gone'> {
    const parameters = [session.version, this.#seal(session), ttlMs, expectedVersion];
    const outcome = await this.redis.run((client) =>
      replaceScript.run(client, [this.#keyOf(session.id)], parameters),
    );
    if (outcome === 'conflict') return 'conflict';
    if (outcome !== 'replaced') return 'gone';
    await this.#index(session, ttlMs);
    return 'replaced';
  }

  override async remove(id: SessionId): Promise<Session | undefined> {
    // What no key opens here stays: gone without anybody knowing whose it was, its end could not be announced.
    await this.load(id);
    const record = await this.redis.run((client) =>
      removeScript.run(client, [this.#keyOf(id)], [TOMBSTONE_MS]),
    );
    if (typeof record !== 'string') return undefined;
    const session = this.#open(id, record);
    await this.#unindex(id, session.user.id);
    return session;
  }

  override async ofUser(userId: UserId): Promise<Session[]> {
    const key = this.#ofUserKey(userId);
    const ids = await this.redis.run((client) => client.zrange(key, '0', '-1'));
    return this.#loadAll(
      ids.map((id) => asSessionId(id)),
      (id) => this.redis.run((client) => client.zrem(key, id)),
    );
  }

  override async overdue(now: number, limit: number): Promise<Session[]> {
    const found: Session[] = [];
    for (let shard = 0; shard < SHARDS && found.length < limit; shard += 1) {
      const key = this.#endsKey(shard);
      const ids = await this.redis.run((client) =>
        client.zrangebyscore(key, '-inf', now, 'LIMIT', 0, limit - found.length),
      );
      const sessions = await this.#loadAll(
        ids.map((id) => asSessionId(id)),
        (id) => this.redis.run((client) => client.zrem(key, id)),
      );
      found.push(...sessions.filter((session) => isOver(session, now)));
    }
    return found;
  }

  /** Those that are there; `missing` takes the others out of the index that named them. */
  async #loadAll(
    ids: readonly SessionId[],
    missing: (id: SessionId) => Promise<unknown>,
  ): Promise<Session[]> {
    const found: Session[] = [];
    for (let start = 0; start < ids.length; start += AT_ONCE) {
      const some = ids.slice(start, start + AT_ONCE);
      const sessions = await Promise.all(some.map((id) => this.#loadReadable(id, missing)));
      found.push(...sessions.filter((session) => session !== undefined));
    }
    return found;
  }

  /** One record that no key opens must not hide the others. */
  async #loadReadable(
    id: SessionId,
    missing: (id: SessionId) => Promise<unknown>,
  ): Promise<Session | undefined> {
    try {
      const session = await this.load(id);
      if (!session) await missing(id);
      return session;
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'sealed_unreadable') return undefined;
      throw error;
    }
  }

  async #index(session: Session, ttlMs: number): Promise<void> {
    const { id, user } = session;
    const key = this.#ofUserKey(user.id);
    await Promise.all([
      this.redis.run((client) => client.zadd(key, session.expiresAt, id)),
      // The newest session is the last to go.
      this.redis.run((client) =>
        client.pexpire(key, Math.max(ttlMs, session.expiresAt - session.lastSeenAt)),
      ),
      this.redis.run((client) => client.zadd(this.#endsKey(shardOf(id)), endOf(session), id)),
    ]);
  }

  async #unindex(id: SessionId, userId: UserId): Promise<void> {
    await Promise.all([
      this.redis.run((client) => client.zrem(this.#ofUserKey(userId), id)),
      this.redis.run((client) => client.zrem(this.#endsKey(shardOf(id)), id)),
    ]);
  }

  #seal(session: Session): string {
    return this.keyring.seal(formatSession(session), contextOf(session.id));
  }

  #open(id: SessionId, record: string): Session {
    return parseSession(this.keyring.open(record, contextOf(id)));
  }

  #keyOf(id: SessionId): string {
    return this.keys.of('session', id);
  }

  #ofUserKey(userId: UserId): string {
    return this.keys.ofUser(userId, 'sessions');
  }

  #endsKey(shard: number): string {
    return this.keys.of('session-ends', `${shard}`);
  }
}

const contextOf = (id: SessionId): string => `session:${id}`;

/** Ids are hashes, so their first character spreads evenly enough. */
const shardOf = (id: SessionId): number => id.charCodeAt(0) % SHARDS;
