import { type Keyring, type UserId } from '@gw/kernel';
import { type Lease } from '@gw/ownership';
import { stateContext } from '@gw/ownership/redis';
import { type Holding } from '../journal.js';
import { SAVED_BEFORE } from './scripts.js';

/**
 * What the holders of leases have saved. A state is the same for thousands of batches, and to seal and store it costs
 * more than the rest of an append: it is written when it changes, and again when writes may have been lost.
 */
export class SavedStates {
  readonly #written = new WeakMap<Lease, { readonly state: string; readonly epoch: string }>();

  constructor(private readonly keyring: Keyring) {}

  /** For the script of an append. `epoch`: of the journal, as far as it is known. */
  parameter(user: UserId, { api, lease, saved }: Holding, epoch: string | undefined): string {
    if (!saved) return '';
    const written = this.#written.get(lease);
    if (written?.state === saved.state && written.epoch === epoch) return SAVED_BEFORE;
    // From here on it is not known what is stored, until this is answered.
    this.#written.delete(lease);
    return this.keyring.seal(saved.state, stateContext(user, api));
  }

  written({ lease, saved }: Holding, epoch: string): void {
    if (saved) this.#written.set(lease, { state: saved.state, epoch });
  }

  /** What was written may be lost. */
  doubt({ lease }: Holding): void {
    this.#written.delete(lease);
  }
}
