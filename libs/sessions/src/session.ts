import { type Secret, type SessionId, type UserId } from '@gw/kernel';

export interface SessionUser {
  readonly id: UserId;
  readonly userName: string;
  readonly displayName: string;
}

/** What the authorization server gave for a login. Times are milliseconds since the epoch. */
export interface TokenSet {
  readonly accessToken: Secret;
  /** Absent: the access token cannot be renewed. */
  readonly refreshToken?: Secret | undefined;
  readonly obtainedAt: number;
  /** Absent: the server did not say; the token is used until it is refused. */
  readonly expiresAt: number | undefined;
}

/** One login of one browser or app: an immutable value. Times are milliseconds since the epoch. */
export interface Session {
  readonly id: SessionId;
  /** Grows by one with each replacement; the ground of compare-and-set. */
  readonly version: number;
  readonly user: SessionUser;
  /** For people to recognise their devices by, for example `Firefox on Linux`. */
  readonly device: string;
  /** The native app that it was made for, by its client id; absent: a browser. */
  readonly client?: string | undefined;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  /** The absolute end, whatever happens. */
  readonly expiresAt: number;
  readonly idleTtlMs: number;
  readonly tokens: TokenSet;
  /** The same browser's session from before this login, of the same person; it ends with this one. */
  readonly supersedes?: SessionId | undefined;
}

export type SessionEndReason = 'logout' | 'idle' | 'expired' | 'revoked' | 'upstream';

export const idleEndOf = (session: Session): number => session.lastSeenAt + session.idleTtlMs;

/** When the session ends unless it is used before. */
export const endOf = (session: Session): number => Math.min(idleEndOf(session), session.expiresAt);

export const isOver = (session: Session, now: number): boolean => endOf(session) <= now;

/** Which of its two ends a session reaches first. */
export const endReasonOf = (session: Session): 'idle' | 'expired' =>
  idleEndOf(session) < session.expiresAt ? 'idle' : 'expired';
