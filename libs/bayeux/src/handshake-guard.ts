import { type Clock } from '@gw/kernel';
import { Backoff } from './backoff.js';

/** A session that lived this long was a good one: the next handshake may come at once. */
const STABLE_MS = 30_000;
const AGAIN = { firstMs: 250, baseMs: 1_000, maxMs: 60_000 };

/**
 * Keeps one session from handshaking in a loop. A client whose cookie is lost, or whose server answers
 * 402 to every connect, is told to handshake again without delay, and would do so hundreds of times a
 * second. Re-handshakes come at once the first time, then after 1, 2, 4 … 60 s (± 25 %).
 */
export class HandshakeGuard {
  readonly #backoff: Backoff;
  #connectedAt: number | undefined;

  constructor(
    private readonly clock: Clock,
    random?: () => number,
  ) {
    this.#backoff = new Backoff(AGAIN, random);
  }

  /** The session works; called at every successful connect. */
  connected(): void {
    this.#connectedAt ??= this.clock.now();
  }

  /** How long to wait before the next handshake, in milliseconds. */
  next(): number {
    const stable = this.#connectedAt !== undefined && this.clock.now() - this.#connectedAt >= STABLE_MS;
    if (stable) this.#backoff.reset();
    this.#connectedAt = undefined;
    return this.#backoff.next();
  }
}
