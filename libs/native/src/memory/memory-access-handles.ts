import { type Clock } from '@gw/kernel';
import { type AccessGrant, AccessHandles } from '../access-handles.js';
import { type HandleHash } from '../handle.js';
import { ExpiringMap } from './expiring-map.js';

const DEFAULT_MAX_HANDLES = 100_000;

/** Access tokens of one process; they end with it. */
export class MemoryAccessHandles extends AccessHandles {
  readonly #grants: ExpiringMap<HandleHash, AccessGrant>;

  constructor(clock: Clock, maxHandles = DEFAULT_MAX_HANDLES) {
    super();
    this.#grants = new ExpiringMap(clock, maxHandles);
  }

  override put(handle: HandleHash, grant: AccessGrant, ttlMs: number): Promise<void> {
    this.#grants.put(handle, grant, ttlMs);
    return Promise.resolve();
  }

  override find(handle: HandleHash): Promise<AccessGrant | undefined> {
    return Promise.resolve(this.#grants.find(handle));
  }
}
