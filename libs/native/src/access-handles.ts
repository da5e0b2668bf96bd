import { type SessionId } from '@gw/kernel';
import { type HandleHash } from './handle.js';

export interface AccessGrant {
  readonly session: SessionId;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Access tokens that were given, by the hash of the handle. Every implementation passes
 * `testing/access-handles.contract.ts`. None is taken back by itself: it stands for its session only
 * while that lives.
 */
export abstract class AccessHandles {
  /** The entry disappears `ttlMs` milliseconds from now. @throws {GatewayError} `state_unavailable` */
  abstract put(handle: HandleHash, grant: AccessGrant, ttlMs: number): Promise<void>;

  /** @throws {GatewayError} `state_unavailable`: not "there is no such handle". */
  abstract find(handle: HandleHash): Promise<AccessGrant | undefined>;
}
