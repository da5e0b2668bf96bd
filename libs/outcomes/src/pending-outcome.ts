import { type NotificationEvent, type Outcome } from '@gw/contract';
import { type Verdict } from './correlation.js';

/** Why an outcome is not known. */
export type Doubt =
  /** Something may have been missed. */
  | 'gap'
  /** There was no connection to the API all the while, or it was refused. */
  | 'not-listening'
  /** A command failed, and it is not known which. */
  | 'unattributed-error'
  | 'session-ended'
  /** Nobody waits any more. */
  | 'client-gone'
  | 'closing'
  /** As many as may wait do so already. */
  | 'too-many';

/**
 * The outcome of one command, from before it is sent until its reply is given: exactly one, in whatever
 * order things happen. A notification that settles the command beats everything that comes before the
 * reply; after the reply the first of anything counts.
 */
export class PendingOutcome {
  /** Resolves once, after `replied`. */
  readonly settled: Promise<Outcome>;
  #resolve: (outcome: Outcome) => void = () => {};
  #verdict: Outcome | undefined;
  #weak: Outcome | undefined;
  #doubt: Doubt | undefined;
  #suspect: NotificationEvent | undefined;
  #replied = false;
  #done = false;

  constructor() {
    this.settled = new Promise((resolve) => (this.#resolve = resolve));
  }

  /** Why the outcome is `unknown`, if it is. */
  get doubt(): Doubt | undefined {
    return this.#doubt;
  }

  hear(notification: NotificationEvent, verdict: Verdict): void {
    if (verdict === 'failed-somebody') this.#suspect ??= notification;
    else if (verdict) this.#verdict ??= { state: verdict, notification };
    this.#finish();
  }

  /** Nothing that comes now can be relied on. */
  lose(doubt: Doubt): void {
    if (this.#weak) return;
    this.#doubt = doubt;
    this.#weak = { state: 'unknown' };
    this.#finish();
  }

  /** The time is over. `hasListened`: all the while, without a break. */
  expire(hasListened: boolean): void {
    if (this.#weak) return;
    if (hasListened && !this.#suspect) this.#weak = { state: 'timed_out' };
    else {
      this.#doubt = this.#suspect ? 'unattributed-error' : 'not-listening';
      this.#weak = { state: 'unknown', ...(this.#suspect && { notification: this.#suspect }) };
    }
    this.#finish();
  }

  /** The upstream has accepted the command. */
  replied(): void {
    this.#replied = true;
    this.#finish();
  }

  #finish(): void {
    const outcome = this.#verdict ?? this.#weak;
    if (!this.#replied || this.#done || !outcome) return;
    this.#done = true;
    if (this.#verdict) this.#doubt = undefined;
    this.#resolve(outcome);
  }
}
