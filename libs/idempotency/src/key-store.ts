import { type UserId } from '@gw/kernel';

/** What a client was answered. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What is known of a key; `fingerprint` is that of the request which came with it first. */
export type Claim =
  /** Nobody has used the key: it is ours, until `settle` or `release`. */
  | { readonly kind: 'claimed' }
  /** Somebody is at it, for `leftMs` milliseconds more at most. */
  | { readonly kind: 'running'; readonly fingerprint: string; readonly leftMs: number }
  | { readonly kind: 'answered'; readonly fingerprint: string; readonly answer: KeptAnswer }
  /** Whoever was at it said so, or has not come to an end in its time: the request may have been made. */
  | { readonly kind: 'unknown'; readonly fingerprint: string }
  /** The user has as many keys as may be; one is forgotten `leftMs` milliseconds from now. */
  | { readonly kind: 'full'; readonly leftMs: number };

export interface ClaimRequest {
  /** Names this attempt; nobody else's. */
  readonly token: string;
  readonly fingerprint: string;
  /** How long the request may take, in milliseconds. */
  readonly runMs: number;
}

export interface KeyStoreLimits {
  /** How long a key is remembered after its first use, in milliseconds. */
  readonly windowMs: number;
  /** Most keys that are remembered of one user. */
  readonly maxKeys: number;
}

/**
 * Idempotency keys, by user, and what was answered to the request that came with each first. Every
 * implementation passes `testing/key-store.contract.ts`.
 *
 * @throws {GatewayError} `state_unavailable`, from everything here, when the storage cannot be reached; what
 * was asked for may have been done.
 */
export abstract class KeyStore {
  /** One step: of several who claim a key, one gets it. */
  abstract claim(user: UserId, key: string, request: ClaimRequest): Promise<Claim>;

  /** Keeps what became of the request until the window closes. Nothing, when the key is not `token`'s. */
  abstract settle(user: UserId, key: string, token: string, result: KeptAnswer | 'unknown'): Promise<void>;

  /** Forgets the key: the request was not made. Nothing, when the key is not `token`'s. */
  abstract release(user: UserId, key: string, token: string): Promise<void>;
}
