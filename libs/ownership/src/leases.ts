import { type ApiName, type InstanceId, type UserId } from '@gw/kernel';

/** Who may run the CometD session of a user at an API. */
export interface Lease {
  readonly holder: InstanceId;
  /** Grows with each change of holder, for ever: every write carries it, and one of an older holder is refused. */
  readonly fencing: number;
}

/** How long what is shared of a user is kept when nobody touches it, in milliseconds. */
export const USER_STATE_TTL_MS = 3_600_000;

/** What a holder leaves to the next one, to go on from. */
export interface SavedState {
  /** Secret: it is stored sealed. */
  readonly state: string;
  /** How far the holder has come in it. No secret: it is stored in clear, for it is another one all the time. */
  readonly mark?: string | undefined;
}

export interface Taken {
  readonly lease: Lease;
  /** By the holder before us, at last. */
  readonly saved: SavedState | undefined;
}

export type Claim = ({ readonly kind: 'granted' } & Taken) | { readonly kind: 'held'; readonly lease: Lease };

/**
 * At most one holder for each (user, API) in the whole cluster. Every implementation passes
 * `testing/leases.contract.ts`. Nothing is refreshed for a lease: it lasts while its holder lives.
 *
 * @throws {GatewayError} `state_unavailable`, from everything here.
 */
export abstract class Leases {
  /** Ours if nobody living holds it. A claim of what we hold already is `held` by us. */
  abstract claim(user: UserId, api: ApiName): Promise<Claim>;

  /** Ours, whoever holds it: to end what is there. */
  abstract seize(user: UserId, api: ApiName): Promise<Taken>;

  /**
   * Whether the lease is still with this holder. Asked every ten minutes, it also keeps what is shared of
   * the user from being forgotten (`USER_STATE_TTL_MS`).
   */
  abstract confirm(user: UserId, api: ApiName, lease: Lease): Promise<boolean>;

  /** For the next holder; false, and nothing saved, when the lease is not ours any more. */
  abstract save(user: UserId, api: ApiName, lease: Lease, saved: SavedState): Promise<boolean>;

  /**
   * Gives the lease back; nothing happens when it is not ours any more. `keep` leaves what is saved to
   * the next holder; `forget` removes it, for what it spoke of has ended.
   */
  abstract release(user: UserId, api: ApiName, lease: Lease, then: 'keep' | 'forget'): Promise<void>;
}
