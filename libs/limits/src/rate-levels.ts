/**
 * How full the buckets of all instances are together. A level is a time in milliseconds: what is poured in runs out
 * again by a millisecond each millisecond. Every implementation passes `testing/rate-levels.contract.ts`.
 *
 * @throws {GatewayError} `state_unavailable` when it cannot be reached.
 */
export abstract class RateLevels {
  /**
   * Pours `ms` milliseconds, a whole number, into the bucket of `key`, which holds `capacityMs` at most. Resolves with
   * its level after that.
   */
  abstract pour(key: string, ms: number, capacityMs: number): Promise<number>;
}
