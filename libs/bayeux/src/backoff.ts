export interface BackoffOptions {
  /** Longest wait before the first repetition, in milliseconds: it is drawn between 0 and this. */
  readonly firstMs: number;
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Waits that grow by two with each failure in a row, spread by ± 25 % so that crowds disperse. */
export class Backoff {
  #failures = 0;

  constructor(
    private readonly options: BackoffOptions,
    private readonly random: () => number = Math.random,
  ) {}

  /** How long to wait before the next attempt, in milliseconds. */
  next(): number {
    const { firstMs, baseMs, maxMs } = this.options;
    const failures = this.#failures++;
    if (failures === 0) return this.random() * firstMs;
    return Math.min(baseMs * 2 ** (failures - 1), maxMs) * (0.75 + this.random() / 2);
  }

  reset(): void {
    this.#failures = 0;
  }
}
