import { asUserId, type InstanceId, type UserId } from '@gw/kernel';
import { type Keyspace, type RedisConnections, RedisScript } from '@gw/redis';
import { USER_STATE_TTL_MS } from '../leases.js';

/**
 * KEYS 1 the users of an instance: a set
 * ARGV 1 a user of it; 2 how long to keep the set, ms
 */
const addScript = new RedisScript(`
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
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
      if (!this.#named.has(user)) await this.#add(user);
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

  /** Some users of `instance`, each given once. */
  async take(instance: InstanceId, limit: number): Promise<UserId[]> {
    const users = await this.redis.run((client) => client.spop(this.#keyOf(instance), limit));
    return users.map(asUserId);
  }

  #ended(user: UserId): void {
    const left = (this.#underWay.get(user) ?? 1) - 1;
    if (left > 0) this.#underWay.set(user, left);
    else this.#underWay.delete(user);
  }

  async #add(user: UserId): Promise<void> {
    const key = this.#keyOf(this.self);
    await this.redis.run((client) => addScript.run(client, [key], [user, USER_STATE_TTL_MS]));
    this.#named.add(user);
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
