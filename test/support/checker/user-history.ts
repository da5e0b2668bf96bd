/**
 * What the platform and the clients of one user say about a run. All times are ms since the epoch, by one clock:
 * the platform is simulated in the process that holds the clients.
 */
export interface UserHistory {
  readonly user: string;
  readonly published: readonly Published[];
  readonly clients: readonly ClientHistory[];
  /** Who polled at each API, in order. */
  readonly polls: Readonly<Record<string, readonly Polls[]>>;
  readonly tokens: TokenHistory;
}

/** A notification, by its number at the platform: rising for each user. */
export interface Published {
  readonly number: number;
  readonly at: number;
}

/** One client, over all the sockets that it needed. */
export interface ClientHistory {
  readonly name: string;
  readonly events: readonly ClientEvent[];
  /** It was attached when the last number had been published, and had time to hear it. */
  readonly isAttachedAtEnd: boolean;
  /** When its session was revoked, as whoever did so was answered, and how long sockets may live after that. */
  readonly revoked?: { readonly at: number; readonly withinMs: number } | undefined;
}

export type ClientEvent =
  | {
      readonly kind: 'ready';
      readonly at: number;
      /** It came without a cursor: what was before is not its concern. */
      readonly isFresh: boolean;
      /** The API delivers. */
      readonly isConnected: boolean;
    }
  | { readonly kind: 'notification'; readonly at: number; readonly number: number; readonly cursor: string }
  | { readonly kind: 'gap'; readonly at: number; readonly reason: string }
  | { readonly kind: 'state'; readonly at: number; readonly isConnected: boolean }
  | { readonly kind: 'closed'; readonly at: number };

/** Polls of one CometD session, without any of another session of the same user and API in between. */
export interface Polls {
  readonly clientId: string;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly count: number;
}

export interface TokenHistory {
  /** How often access tokens of the user ended before they were renewed. */
  readonly endedLives: number;
  /** Refresh tokens redeemed. */
  readonly redemptions: number;
  /** Of the ended lives: those in which whoever redeemed may have died before it could tell. */
  readonly interrupted: number;
}

/** Something that is against the promise. */
export interface Breach {
  readonly kind: BreachKind;
  /** For people. */
  readonly what: string;
  /** The numbers that it is about, first and last, where it is about numbers. */
  readonly numbers?: readonly [number, number];
}

export type BreachKind =
  | 'invented'
  | 'repeated'
  | 'lost'
  | 'silent'
  | 'ambiguous-cursor'
  | 'stored-twice'
  | 'two-sessions'
  | 'redeemed-twice'
  | 'heard-after-revocation';
