import { type Clock, type Timer } from '@gw/kernel';
import { type Instances } from '@gw/ownership';

const CHECK_MS = 1_000;

/** Entries in the shared state last an hour; this often those of living users are renewed. */
const RENEW_MS = 600_000;

/**
 * Out of reach of the shared state for this long, we stop what we own: by then others go on with it if
 * it was only us who were cut off. Before that, an outage that hits everybody costs no CometD session.
 */
const SUSPEND_AFTER_MS = 10_000;

export interface Kept {
  renew(): Promise<void>;
  suspend(): void;
  resume(): void;
}

/** What an instance does for its CometD sessions while nothing happens. */
export class Upkeep {
  #timer: Timer | undefined;
  #renewedAt = 0;
  #isSuspended = false;
  #isRenewing = false;

  constructor(
    private readonly instances: Instances,
    private readonly clock: Clock,
    private readonly kept: Kept,
  ) {}

  start(): void {
    this.#renewedAt = this.clock.now();
    this.#arm();
  }

  close(): void {
    this.#timer?.cancel();
  }

  #arm(): void {
    this.#timer = this.clock.schedule(() => {
      this.#check();
      this.#arm();
    }, CHECK_MS);
  }

  #check(): void {
    const isCutOff = this.instances.cutOffMs() >= SUSPEND_AFTER_MS;
    if (isCutOff && !this.#isSuspended) this.kept.suspend();
    if (!isCutOff && this.#isSuspended) this.kept.resume();
    this.#isSuspended = isCutOff;
    const isDue = this.clock.now() - this.#renewedAt >= RENEW_MS;
    if (isCutOff || !isDue || this.#isRenewing) return;
    this.#isRenewing = true;
    void this.kept.renew().finally(() => {
      this.#isRenewing = false;
      this.#renewedAt = this.clock.now();
    });
  }
}
