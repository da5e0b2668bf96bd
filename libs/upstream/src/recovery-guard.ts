/**
 * Lets one attempt a key pass per interval, so that an upstream which refuses for good is not hammered.
 * Keys older than the interval are forgotten.
 */
export class RecoveryGuard {
  /** Most users never make any. */
  #attempts: Map<string, number> | undefined;

  constructor(private readonly intervalMs: number) {}

  /** Whether an attempt may be made at `now` (ms since the epoch); if so, it counts as made. */
  admits(key: string, now: number): boolean {
    const attempts = (this.#attempts ??= new Map<string, number>());
    for (const [attempt, at] of attempts) if (now - at >= this.intervalMs) attempts.delete(attempt);
    if (attempts.has(key)) return false;
    attempts.set(key, now);
    return true;
  }
}
