import { type Clock } from '@gw/kernel';
import { RateLevels } from '../rate-levels.js';

/** So many buckets are kept; beyond, the one that was poured into longest ago is forgotten. */
const MAX_KEYS = 50_000;

/** Levels of one process. */
export class MemoryRateLevels extends RateLevels {
  readonly #emptyAt = new Map<string, number>();

  constructor(private readonly clock: Clock) {
    super();
  }

  override pour(key: string, ms: number, capacityMs: number): Promise<number> {
    const now = this.clock.now();
    const level = Math.min(Math.max(0, (this.#emptyAt.get(key) ?? 0) - now) + ms, capacityMs);
    this.#emptyAt.delete(key);
    this.#emptyAt.set(key, now + level);
    const [oldest] = this.#emptyAt.keys();
    if (this.#emptyAt.size > MAX_KEYS && oldest !== undefined) this.#emptyAt.delete(oldest);
    return Promise.resolve(level);
  }
}
