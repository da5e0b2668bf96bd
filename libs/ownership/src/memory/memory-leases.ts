import { type ApiName, type UserId } from '@gw/kernel';
import { type Claim, type Lease, Leases, type SavedState, type Taken } from '../leases.js';
import { type MemoryInstances } from './memory-instances.js';

/** Leases among the instances of one process. */
export class MemoryLeases extends Leases {
  constructor(readonly instances: MemoryInstances) {
    super();
  }

  override claim(user: UserId, api: ApiName): Promise<Claim> {
    const lease = this.#leases(user).get(api);
    if (lease && this.instances.isAlive(lease.holder)) return Promise.resolve({ kind: 'held', lease });
    return Promise.resolve({ kind: 'granted', ...this.#take(user, api) });
  }

  override seize(user: UserId, api: ApiName): Promise<Taken> {
    return Promise.resolve(this.#take(user, api));
  }

  override confirm(user: UserId, api: ApiName, lease: Lease): Promise<boolean> {
    return Promise.resolve(this.admits(user, api, lease, undefined));
  }

  override save(user: UserId, api: ApiName, lease: Lease, saved: SavedState): Promise<boolean> {
    return Promise.resolve(this.admits(user, api, lease, saved));
  }

  override release(user: UserId, api: ApiName, lease: Lease, then: 'keep' | 'forget'): Promise<void> {
    if (this.admits(user, api, lease, undefined)) {
      this.#leases(user).delete(api);
      if (then === 'forget') this.instances.cluster.user(user).states.delete(api);
      this.instances.cluster.changed(user);
    }
    return Promise.resolve();
  }

  /**
   * Whether the lease is still with this holder; then what is to be saved, if anything, is. At once: for what must
   * be written in the same step as something else that is kept in memory.
   */
  admits(user: UserId, api: ApiName, lease: Lease, saved: SavedState | undefined): boolean {
    const { leases, states } = this.instances.cluster.user(user);
    const current = leases.get(api);
    if (current?.fencing !== lease.fencing || current.holder !== lease.holder) return false;
    if (saved) states.set(api, saved);
    return true;
  }

  #take(user: UserId, api: ApiName): Taken {
    const { cluster, self } = this.instances;
    const lease = { holder: self, fencing: cluster.nextFencing() };
    const { leases, states } = cluster.user(user);
    leases.set(api, lease);
    cluster.changed(user);
    return { lease, saved: states.get(api) };
  }

  #leases(user: UserId): Map<ApiName, Lease> {
    return this.instances.cluster.user(user).leases;
  }
}
