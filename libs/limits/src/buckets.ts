import { Bucket } from './bucket.js';

/** Of so many keys it is remembered what they used, twice over; beyond, those that were used longest ago are forgotten. */
const MAX_KEYS = 50_000;

/**
 * The buckets of one limit. What was not used for a whole window has run out and is worth nothing, so that two
 * generations are enough: what is used moves to the younger one, and the older one is dropped as a whole.
 */
export class Buckets {
  #young = new Map<string, Bucket>();
  #old = new Map<string, Bucket>();
  #youngUntil = 0;

  constructor(
    private readonly windowMs: number,
    private readonly maxKeys = MAX_KEYS,
  ) {}

  /** As it is now. */
  at(key: string, now: number): Bucket {
    if (now >= this.#youngUntil || this.#young.size >= this.maxKeys) this.#turn(now);
    const bucket = this.#young.get(key) ?? this.#rejuvenate(key, now);
    bucket.drain(now);
    return bucket;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  #rejuvenate(key: string, now: number): Bucket {
    const bucket = this.#old.get(key) ?? new Bucket(now);
    this.#old.delete(key);
    this.#young.set(key, bucket);
    return bucket;
  }

  #turn(now: number): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngUntil = now + this.windowMs;
  }
}
