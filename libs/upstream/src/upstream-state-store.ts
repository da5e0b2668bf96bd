import { type ApiName, type UserId } from '@gw/kernel';

/** A cookie of an upstream, as it is kept: secret. */
export interface KeptCookie {
  /** `name=value`. */
  readonly pair: string;
  readonly path: string;
  /** Milliseconds since the epoch; absent: with the upstream session. */
  readonly expiresAt?: number | undefined;
}

/** A cookie that was set, or, without `cookie`, one that is gone. */
export interface CookieChange {
  readonly origin: string;
  /** Name and path: what makes it this cookie at its origin. */
  readonly key: string;
  readonly cookie?: KeptCookie | undefined;
}

/** What is known of a user's sessions at the upstream. */
export interface UserUpstreamState {
  /** How many sessions were made at each API. */
  readonly generations: ReadonlyMap<ApiName, number>;
  /** The generations whose initialisation failed. */
  readonly worthless: ReadonlyMap<ApiName, number>;
  readonly cookies: readonly Required<CookieChange>[];
}

export interface UpstreamStateListener {
  /** Another instance changed something of this user. */
  changed(user: UserId): void;
  /** Changes may have been missed. */
  missed(): void;
}

/**
 * Where all instances keep what they know of users' upstream sessions. Every implementation passes
 * `testing/upstream-states.contract.ts`.
 *
 * @throws {GatewayError} `state_unavailable`, from everything here.
 */
export abstract class UpstreamStateStore {
  /** Empty for a user of whom nothing is known. */
  abstract load(user: UserId): Promise<UserUpstreamState>;

  /** Sets and removes these cookies, and leaves others alone. */
  abstract keepCookies(user: UserId, changes: readonly CookieChange[]): Promise<void>;

  /** A session was made; returns its generation, one more than the one before. */
  abstract initialised(user: UserId, api: ApiName): Promise<number>;

  abstract worthless(user: UserId, api: ApiName, generation: number): Promise<void>;

  abstract remove(user: UserId): Promise<void>;

  /** What others change from now on. Returns how to stop. */
  abstract listen(listener: UpstreamStateListener): () => void;
}
