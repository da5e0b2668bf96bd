import { type Clock, type SessionId } from '@gw/kernel';
import { LocalPauses } from '../local-pauses.js';
import { RefreshPauses } from '../refresh-pauses.js';

/** Pauses of one process; bounded. */
export class MemoryRefreshPauses extends RefreshPauses {
  readonly #pauses: LocalPauses;

  constructor(clock: Clock) {
    super();
    this.#pauses = new LocalPauses(clock);
  }

  override leftOf(id: SessionId): Promise<number> {
    return Promise.resolve(this.#pauses.leftOf(id));
  }

  override failed(id: SessionId, advisedMs: number): Promise<number> {
    return Promise.resolve(this.#pauses.failed(id, advisedMs));
  }

  override clear(id: SessionId): Promise<void> {
    this.#pauses.clear(id);
    return Promise.resolve();
  }
}
