/**
 * Lets one attempt a key pass per interval, so that an upstream which refuses for good is not hammered.
 * Keys older than the interval are forgotten.
 */
export class RecoveryGuard {
  readonly #attempts = new Map<string, number>();

  constructor(private readonly intervalMs: number) {}

  /** Whether an attempt may be made at `now` (ms since the epoch); if so, it counts as made. */
  admits(key: string, now: number): boolean {
    for (const [attempt, at] of this.#attempts) {
      if (now - at >= this.intervalMs) this.#attempts.delete(attempt);
    }
    if (this.#attempts.has(key)) return false;
    this.#attempts.set(key, now);
    return true;
  }
}
