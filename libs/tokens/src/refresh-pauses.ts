import { type Clock, type SessionId } from '@gw/kernel';

interface Pause {
  readonly failures: number;
  readonly until: number;
}

const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;
const MAX_ADVISED_MS = 300_000;
const JITTER = 0.3;

/** Keeps sessions from asking a troubled token endpoint again and again. Bounded: the oldest goes. */
export class RefreshPauses {
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

  /** A longer pause after each failure in a row, never shorter than the server's own advice. */
  failed(id: SessionId, advisedMs: number): number {
    const failures = (this.#pauses.get(id)?.failures ?? 0) + 1;
    const doubled = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), MAX_PAUSE_MS);
    const jittered = doubled * (1 + JITTER * Math.random());
    const ms = Math.ceil(Math.max(jittered, Math.min(advisedMs, MAX_ADVISED_MS)));
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
