import { type Clock, GatewayError, type SessionId } from '@gw/kernel';
import { type Locks } from '@gw/ownership';
import { LocalPauses } from './local-pauses.js';
import { type RefreshPauses } from './refresh-pauses.js';

/** What instances share so that one of them redeems a refresh token, and the others wait for it. */
export interface SharedRefreshes {
  readonly locks: Locks;
  readonly pauses: RefreshPauses;
  /** Milliseconds to wait for an instance that is at it: more than the slowest call of the token endpoint. */
  readonly waitMs: number;
}

/**
 * Whose turn it is to redeem the refresh token of a session, and when the next try may be. What is known
 * here answers without I/O; the shared pauses are looked at by who has the turn.
 */
export class RefreshTurns {
  readonly #known: LocalPauses;

  constructor(
    clock: Clock,
    /** Absent: this process is alone. */
    private readonly shared?: SharedRefreshes,
  ) {
    this.#known = new LocalPauses(clock);
  }

  /** Milliseconds until the next try, as far as is known here. */
  knownPause(id: SessionId): number {
    return this.#known.leftOf(id);
  }

  /**
   * Undefined when somebody else had the turn for all of the time that we may wait.
   *
   * @throws {GatewayError} `state_unavailable` before the task ran; else what the task throws.
   */
  async take<T>(id: SessionId, task: () => Promise<T>): Promise<T | undefined> {
    if (!this.shared) return task();
    const turn = await this.shared.locks.run(`refresh:${id}`, this.shared.waitMs, task);
    return turn.kind === 'done' ? turn.value : undefined;
  }

  /** Milliseconds until the next try; whoever has the turn asks. @throws {GatewayError} `state_unavailable`. */
  async pauseOf(id: SessionId): Promise<number> {
    if (!this.shared) return this.#known.leftOf(id);
    const ms = await this.shared.pauses.leftOf(id);
    if (ms > 0) this.#known.forAWhile(id, ms);
    return ms;
  }

  /** Begins a pause after a failure of the token endpoint; gives its length in milliseconds. */
  async failed(id: SessionId, advisedMs: number): Promise<number> {
    if (!this.shared) return this.#known.failed(id, advisedMs);
    try {
      const ms = await this.shared.pauses.failed(id, advisedMs);
      this.#known.forAWhile(id, ms);
      return ms;
    } catch (error) {
      if (isStateUnavailable(error)) return this.#known.failed(id, advisedMs);
      throw error;
    }
  }

  /** Nothing is tried here for a moment. */
  rest(id: SessionId, ms: number): void {
    this.#known.forAWhile(id, ms);
  }

  async succeeded(id: SessionId): Promise<void> {
    this.#known.clear(id);
    try {
      await this.shared?.pauses.clear(id);
    } catch (error) {
      // It ends by itself.
      if (!isStateUnavailable(error)) throw error;
    }
  }
}

export const isStateUnavailable = (error: unknown): boolean =>
  error instanceof GatewayError && error.code === 'state_unavailable';
