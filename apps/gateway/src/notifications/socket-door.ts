import { type Clock } from '@gw/kernel';
import { PerSecond } from './per-second.js';

export type Admission =
  | { readonly kind: 'admitted' }
  /** `retryAfterMs`: when there may be room, if those before it come back as they were told. */
  | { readonly kind: 'busy'; readonly retryAfterMs: number }
  /** This instance is leaving. */
  | { readonly kind: 'closed' };

/** Nobody is told to stay away for longer, in milliseconds; then the line begins anew. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Admits sockets at a set rate, so that however many come at once, the instance goes on serving those it
 * has: a socket costs Redis commands and work that a handshake alone does not.
 */
export class SocketDoor {
  readonly #admissions: PerSecond;
  readonly #explanations: PerSecond;
  /** When the last of those who have a slot is to come back, ms since epoch. */
  #lastSlot = 0;
  #isClosed = false;

  constructor(
    admissionsPerSecond: number,
    private readonly clock: Clock,
  ) {
    this.#admissions = new PerSecond(admissionsPerSecond, clock);
    this.#explanations = new PerSecond(admissionsPerSecond, clock);
  }

  knock(): Admission {
    if (this.#isClosed) return { kind: 'closed' };
    if (this.#admissions.take()) return { kind: 'admitted' };
    return { kind: 'busy', retryAfterMs: Math.ceil(this.#nextSlot() - this.clock.now()) };
  }

  /**
   * For a client that was refused and will come back when it is told to: milliseconds until a slot of its own;
   * in a second there are as many slots as admissions. Undefined: there is no time to explain that to yet another
   * one. Slots are for such clients alone: those who come when they like would fill a line that nobody stands in.
   */
  slotMs(): number | undefined {
    if (!this.#explanations.take()) return undefined;
    this.#lastSlot = this.#nextSlot();
    return Math.ceil(this.#lastSlot - this.clock.now());
  }

  /** For good. */
  close(): void {
    this.#isClosed = true;
  }

  #nextSlot(): number {
    const now = this.clock.now();
    const earliest = now + this.#admissions.waitMs();
    const spacing = 1_000 / this.#admissions.limit;
    const slot = Math.max(this.#lastSlot, earliest) + spacing;
    return slot - now > LONGEST_WAIT_MS ? earliest + spacing : slot;
  }
}
