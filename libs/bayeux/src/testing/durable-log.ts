import { GatewayError } from '@gw/kernel';
import { type Inbound } from '../bayeux-session.js';
import { type SavedState } from '../saved-session.js';

/**
 * What processes share that take one session over from another: the journal with the session's state,
 * written in one step, and only by the owner with the newest number. It keeps nothing twice when the
 * server delivers a batch again, and says when the server did not keep its side of that.
 */
export class DurableLog {
  readonly data: unknown[] = [];
  saved: SavedState | undefined;
  sessionStarts = 0;
  losses = 0;
  repeated = 0;
  /** Batches that should have begun with what was stored before, and did not. */
  readonly broken: Inbound[] = [];
  #owner = 0;
  #last: Inbound | undefined;

  /** From now on the writes of all others are refused. */
  own(): number {
    this.#owner += 1;
    return this.#owner;
  }

  write(owner: number, inbound: Inbound): void {
    if (owner !== this.#owner) throw new GatewayError('ownership_lost', 'unavailable', 'another one owns it');
    const known = this.#repeats(inbound);
    this.data.push(...inbound.messages.slice(known).map(({ data }) => data));
    if (inbound.sessionStart) this.sessionStarts += 1;
    if (inbound.loss) this.losses += 1;
    this.saved = inbound;
    this.#last = inbound;
  }

  /** How many messages at the beginning of `inbound` are stored already. */
  #repeats(inbound: Inbound): number {
    const last = this.#last;
    if (last?.follows === undefined || last.follows !== inbound.follows) return 0;
    this.repeated += 1;
    const beginning = inbound.messages.slice(0, last.messages.length);
    if (JSON.stringify(beginning) !== JSON.stringify(last.messages)) this.broken.push(inbound);
    return last.messages.length;
  }
}
