import { type Clock, type SessionId } from '@gw/kernel';
import { pausesAfterFailures } from './refresh-pauses.js';

interface Pause {
  readonly failures: number;
  readonly until: number;
}

/** Pauses that this process knows of. Bounded: the oldest goes. */
export class LocalPauses {
  readonly #pauses = new Map<SessionId, Pause>();

  constructor(
    private readonly clock: Clock,
    private readonly maxSessions = 10_000,
  ) {}

  /** Milliseconds until the next try is allowed; 0 when it is. */
  leftOf(id: SessionId): number {
    const pause = this.#pauses.get(id);
    return pause ? Math.max(0, pause.until - this.clock.now()) : 0;
  }

  failed(id: SessionId, advisedMs: number): number {
    const failures = (this.#pauses.get(id)?.failures ?? 0) + 1;
    const pauses = pausesAfterFailures(advisedMs);
    const ms = pauses[Math.min(failures, pauses.length) - 1] ?? 0;
    this.#remember(id, { failures, until: this.clock.now() + ms });
    return ms;
  }

  forAWhile(id: SessionId, ms: number): void {
    this.#remember(id, { failures: 0, until: this.clock.now() + ms });
  }

  clear(id: SessionId): void {
    this.#pauses.delete(id);
  }

  #remember(id: SessionId, pause: Pause): void {
    this.#pauses.delete(id);
    this.#pauses.set(id, pause);
    if (this.#pauses.size <= this.maxSessions) return;
    const [oldest] = this.#pauses.keys();
    if (oldest !== undefined) this.#pauses.delete(oldest);
  }
}
