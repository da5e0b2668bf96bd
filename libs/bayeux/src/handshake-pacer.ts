import { type Clock } from '@gw/kernel';

/**
 * Spreads the handshakes of all users towards one upstream evenly: after its restart, thousands of
 * sessions would handshake in the same second.
 */
export class HandshakePacer {
  #nextSlot = 0;

  constructor(
    private readonly perSecond: number,
    private readonly clock: Clock,
  ) {}

  /** Takes the next free slot; returns how far away it is, in milliseconds. */
  reserve(): number {
    const now = this.clock.now();
    const slot = Math.max(now, this.#nextSlot);
    this.#nextSlot = slot + 1_000 / this.perSecond;
    return slot - now;
  }
}
