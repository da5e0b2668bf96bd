/** A connect that was answered within this time, with nothing in it, was not held. */
const QUICK_MS = 100;

/** So many in a row are normal: the first connect of a session asks for an answer at once. */
const TOLERATED = 3;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

/**
 * Keeps long polling from becoming polling at full speed: a server that holds no connect, whatever its
 * advice says, is asked again after 0.1, 0.2, 0.4 … 5 s.
 */
export class ConnectPace {
  #quick = 0;

  /** How long to wait before the next connect, in milliseconds. */
  get pauseMs(): number {
    if (this.#quick <= TOLERATED) return 0;
    return Math.min(FIRST_PAUSE_MS * 2 ** (this.#quick - TOLERATED - 1), MAX_PAUSE_MS);
  }

  /** A connect was answered after `tookMs`; `carried` when there was a message in it. */
  answered(tookMs: number, carried: boolean): void {
    this.#quick = tookMs < QUICK_MS && !carried ? this.#quick + 1 : 0;
  }
}
