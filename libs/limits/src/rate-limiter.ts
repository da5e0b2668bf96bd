import { type Clock } from '@gw/kernel';
import { Buckets } from './buckets.js';
import { type Bucket } from './bucket.js';
import { type LimitsEvents } from './limits-events.js';
import { type Rate, type RateUse } from './rate.js';
import { type RateLevels } from './rate-levels.js';

/** This part of the quota may be used at an instance before the others know. */
const UNTOLD_SHARE = 0.1;

/** After the shared levels could not be reached they are left alone for this long, in milliseconds. */
const PAUSE_MS = 1_000;

/**
 * One limit: a leaky bucket for each key (GCRA, the generic cell rate algorithm, by another name).
 *
 * A use is decided at once, by what this instance knows. What it lets through it tells the others when a tenth of the
 * quota has come together, and learns then how much they have used; what has run out by then needs not be told. So a
 * key that stays well below its rate costs nothing, and N instances let at most N tenths of the quota through beyond
 * it. Without the shared levels each goes on by itself.
 */
export class RateLimiter {
  readonly #buckets: Buckets;
  readonly #costMs: number;
  readonly #untoldMs: number;
  #pausedUntil = 0;

  constructor(
    private readonly name: string,
    private readonly rate: Rate,
    private readonly levels: RateLevels,
    private readonly clock: Clock,
    private readonly events: LimitsEvents,
  ) {
    this.#buckets = new Buckets(rate.windowMs);
    this.#costMs = rate.windowMs / rate.quota;
    this.#untoldMs = Math.max(1, this.#costMs, rate.windowMs * UNTOLD_SHARE);
  }

  /** Uses one of what `key` has, if it has any. */
  use(key: string): RateUse {
    const now = this.clock.now();
    const bucket = this.#buckets.at(key, now);
    const isAllowed = bucket.level + this.#costMs <= this.rate.windowMs;
    if (isAllowed) {
      bucket.pour(this.#costMs);
      if (bucket.untold >= this.#untoldMs && !bucket.isTelling && now >= this.#pausedUntil)
        void this.#tell(key, bucket);
    } else {
      this.events.rateExceeded(this.name);
    }
    return this.#describe(bucket.level, isAllowed);
  }

  async #tell(key: string, bucket: Bucket): Promise<void> {
    const told = bucket.beginTelling();
    try {
      const level = await this.levels.pour(`${this.name}:${key}`, told, this.rate.windowMs);
      bucket.toldOthers(this.clock.now(), level);
    } catch (error) {
      this.#pausedUntil = this.clock.now() + PAUSE_MS;
      bucket.couldNotTell(told);
      this.events.levelsUnavailable(this.name, error);
    }
  }

  #describe(level: number, isAllowed: boolean): RateUse {
    const { name, rate } = this;
    const free = rate.windowMs - level;
    return {
      isAllowed,
      name,
      rate,
      remaining: Math.max(0, Math.floor(free / this.#costMs)),
      resetMs: level,
      retryAfterMs: Math.max(0, this.#costMs - free),
    };
  }
}
