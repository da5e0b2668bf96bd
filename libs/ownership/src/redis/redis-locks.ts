import { randomUUID } from 'node:crypto';
import { type Clock, type Timer } from '@gw/kernel';
import { type Keyspace, type RedisConnections } from '@gw/redis';
import { Locks } from '../locks.js';
import { renewScript, unlockScript } from './lock-scripts.js';

export interface RedisLocksOptions {
  /** A lock ends by itself this long after its holder died. */
  readonly ttlMs?: number;
}

/** How long one who waits for a lock waits between two looks: so that not all look at once. */
const POLL_MS = { min: 50, max: 150 };

interface Held {
  readonly key: string;
  readonly token: string;
}

/**
 * Locks that end by themselves unless they are renewed. One that was lost all the same, because Redis
 * could not be reached for as long or lost its memory, does not stop the task: what it writes in the end
 * must be conditional on what it read.
 */
export class RedisLocks extends Locks {
  readonly #ttlMs: number;

  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: Keyspace,
    private readonly clock: Clock,
    { ttlMs = 10_000 }: RedisLocksOptions = {},
  ) {
    super();
    this.#ttlMs = ttlMs;
  }

  override async run<T>(
    name: string,
    waitMs: number,
    task: () => Promise<T>,
  ): Promise<{ readonly kind: 'done'; readonly value: T } | { readonly kind: 'busy' }> {
    const lock = { key: this.keys.of('lock', encodeURIComponent(name)), token: randomUUID() };
    if (!(await this.#take(lock, waitMs))) return { kind: 'busy' };
    const stopRenewing = this.#renew(lock);
    try {
      return { kind: 'done', value: await task() };
    } finally {
      stopRenewing();
      await this.#release(lock);
    }
  }

  async #take(lock: Held, waitMs: number): Promise<boolean> {
    const deadline = this.clock.now() + waitMs;
    for (;;) {
      if (await this.#tryTake(lock)) return true;
      const leftMs = deadline - this.clock.now();
      if (leftMs <= 0) return false;
      const pauseMs = POLL_MS.min + Math.random() * (POLL_MS.max - POLL_MS.min);
      await new Promise<void>((resolve) => this.clock.schedule(resolve, Math.min(pauseMs, leftMs)));
    }
  }

  async #tryTake(lock: Held): Promise<boolean> {
    try {
      const { key, token } = lock;
      return (await this.redis.run((client) => client.set(key, token, 'PX', this.#ttlMs, 'NX'))) === 'OK';
    } catch (error) {
      // It may have become ours without our hearing of it.
      void this.#release(lock);
      throw error;
    }
  }

  #renew({ key, token }: Held): () => void {
    let timer: Timer;
    const again = () => {
      timer = this.clock.schedule(() => {
        this.redis
          .run((client) => renewScript.run(client, [key], [token, this.#ttlMs]))
          .catch(() => {
            // There are two more occasions before it ends.
          });
        again();
      }, this.#ttlMs / 3);
    };
    again();
    return () => timer.cancel();
  }

  async #release({ key, token }: Held): Promise<void> {
    try {
      await this.redis.run((client) => unlockScript.run(client, [key], [token]));
    } catch {
      // It ends by itself.
    }
  }
}
