import { type SessionId } from '@gw/kernel';

const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;
const MAX_ADVISED_MS = 300_000;
const JITTER = 0.3;

/** Failures after which the pause does not grow any more. */
const STEPS = 1 + Math.ceil(Math.log2(MAX_PAUSE_MS / FIRST_PAUSE_MS));

/**
 * How long to wait after the first failure in a row, the second …, in whole milliseconds; the last stands
 * for all that follow. Never shorter than the server's own advice.
 */
export function pausesAfterFailures(advisedMs: number): readonly number[] {
  const leastMs = Math.min(advisedMs, MAX_ADVISED_MS);
  return Array.from({ length: STEPS }, (_, failures) => {
    const doubled = Math.min(FIRST_PAUSE_MS * 2 ** failures, MAX_PAUSE_MS);
    return Math.ceil(Math.max(doubled * (1 + JITTER * Math.random()), leastMs));
  });
}

/**
 * Keeps the instances together from asking a troubled token endpoint again and again: they follow one
 * back-off for each session. Every implementation passes `testing/refresh-pauses.contract.ts`.
 *
 * @throws {GatewayError} `state_unavailable`, from everything here.
 */
export abstract class RefreshPauses {
  /** Milliseconds until the next try is allowed; 0 when it is. */
  abstract leftOf(id: SessionId): Promise<number>;

  /**
   * Begins a pause, longer with each failure in a row (`pausesAfterFailures`), and gives its length in
   * milliseconds. A minute after a pause the row may be forgotten.
   */
  abstract failed(id: SessionId, advisedMs: number): Promise<number>;

  /** It has worked: the next failure is the first. */
  abstract clear(id: SessionId): Promise<void>;
}
