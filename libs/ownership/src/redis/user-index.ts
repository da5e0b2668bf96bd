import { asUserId, type InstanceId, type UserId } from '@gw/kernel';
import { type Keyspace, type RedisConnections, RedisScript } from '@gw/redis';
import { USER_STATE_TTL_MS } from '../leases.js';

/**
 * KEYS 1 the users of an instance: a set
 * ARGV 1 how long to keep the set, ms; then users of it
 * Returns those that were not in it before.
 */
const addScript = new RedisScript(`
local added = {}
for at = 2, #ARGV do
  if redis.call('SADD', KEYS[1], ARGV[at]) == 1 then added[#added + 1] = ARGV[at] end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return added
`);

/**
 * KEYS 1 the users of an instance: a set
 * ARGV users
 * Returns those that were in it, and are not any more.
 */
const removeScript = new RedisScript(`
local removed = {}
for _, user in ipairs(ARGV) do
  if redis.call('SREM', KEYS[1], user) == 1 then removed[#removed + 1] = user end
end
return removed
`);

/** What came of a step that changed what an instance has of a user. */
interface Outcome<T> {
  readonly value: T;
  /** Whether the instance has a lease or a wish of the user, as of that step. */
  readonly hasMore: boolean;
}

/**
 * Of whom this instance has leases or wishes: what survivors look after when it dies. A user is in it
 * before there is anything to look after, so that it may name too many, never too few.
 */
export class UserIndex {
  readonly #underWay = new Map<UserId, number>();
  /** Whom it names, as far as we know: these need not be added once more. */
  readonly #named = new Set<UserId>();

  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: Keyspace,
    private readonly self: InstanceId,
  ) {}

  /** Runs a step after which this instance may have something of the user that it had not before. */
  async gaining<T>(user: UserId, step: () => Promise<Outcome<T>>): Promise<T> {
    return this.losing(user, async () => {
      if (!this.#named.has(user)) {
        await this.#add([user]);
        this.#named.add(user);
      }
      return step();
    });
  }

  /** Runs a step after which this instance may have nothing of the user any more. */
  async losing<T>(user: UserId, step: () => Promise<Outcome<T>>): Promise<T> {
    this.#underWay.set(user, (this.#underWay.get(user) ?? 0) + 1);
    let outcome: Outcome<T>;
    try {
      outcome = await step();
    } finally {
      this.#ended(user);
    }
    // Another step may be about to gain something; the last one knows.
    if (!outcome.hasMore && !this.#underWay.has(user)) await this.#remove(user);
    return outcome.value;
  }

  /** Redis may have lost what we wrote: who is gained again is added again. */
  doubt(): void {
    this.#named.clear();
  }

  /** To be called now and then, so that the index outlives this instance by the time it takes to look after it. */
  async keep(): Promise<void> {
    this.doubt();
    await this.redis.run((client) => client.pexpire(this.#keyOf(this.self), USER_STATE_TTL_MS));
  }

  /**
   * Some users of `instance`, each given once. They are in this index before they are taken out of that one: if we die as
   * well, before we have begun with them, they are found here.
   */
  async take(instance: InstanceId, limit: number): Promise<UserId[]> {
    const key = this.#keyOf(instance);
    for (;;) {
      const found = (await this.redis.run((client) => client.srandmember(key, limit))).map(asUserId);
      if (found.length === 0) return [];
      const added = await this.#add(found);
      const taken = new Set(await this.#users(removeScript, key, found));
      for (const user of taken) this.#named.add(user);
      // Others were quicker with these; but what we have of them ourselves, or are about to have, is to be found.
      const theirs = added.filter(
        (user) => !taken.has(user) && !this.#named.has(user) && !this.#underWay.has(user),
      );
      await Promise.all(theirs.map((user) => this.#remove(user)));
      if (taken.size > 0) return [...taken];
    }
  }

  #ended(user: UserId): void {
    const left = (this.#underWay.get(user) ?? 1) - 1;
    if (left > 0) this.#underWay.set(user, left);
    else this.#underWay.delete(user);
  }

  #add(users: readonly UserId[]): Promise<UserId[]> {
    return this.#users(addScript, this.#keyOf(this.self), [USER_STATE_TTL_MS, ...users]);
  }

  async #users(
    script: RedisScript,
    key: string,
    parameters: readonly (UserId | number)[],
  ): Promise<UserId[]> {
    const users = await this.redis.run((client) => script.run(client, [key], parameters));
    return Array.isArray(users) ? users.map((user) => asUserId(String(user))) : [];
  }

  async #remove(user: UserId): Promise<void> {
    this.#named.delete(user);
    try {
      await this.redis.run((client) => client.srem(this.#keyOf(this.self), user));
    } catch {
      // It names one too many.
    }
  }

  #keyOf(instance: InstanceId): string {
    return this.keys.of('instance', instance, 'users');
  }
}
