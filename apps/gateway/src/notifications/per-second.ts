import { type Clock } from '@gw/kernel';

const SECOND_MS = 1_000;

/** Lets something happen at most `limit` times in any one second. */
export class PerSecond {
  /** When it happened the last `limit` times, in a ring; ms since epoch. */
  readonly #times: Float64Array;
  #oldest = 0;

  constructor(
    limit: number,
    private readonly clock: Clock,
  ) {
    this.#times = new Float64Array(limit).fill(-Infinity);
  }

  get limit(): number {
    return this.#times.length;
  }

  /** False: not now. */
  take(): boolean {
    if (this.waitMs() > 0) return false;
    this.#times[this.#oldest] = this.clock.now();
    this.#oldest = (this.#oldest + 1) % this.limit;
    return true;
  }

  /** Milliseconds until it may happen again; 0: now. */
  waitMs(): number {
    const oldest = this.#times[this.#oldest] ?? -Infinity;
    return Math.max(oldest + SECOND_MS - this.clock.now(), 0);
  }
}
