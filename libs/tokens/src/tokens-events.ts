import { type UserId } from '@gw/kernel';
import { type UnavailableReason } from './authorization-server.js';

/** What happens to tokens and logins, for logs and counters; never a secret. Does nothing by default. */
export class TokensEvents {
  refreshed(_userId: UserId): void {}
  refreshFailed(_userId: UserId, _reason: UnavailableReason, _retryAfterMs: number): void {}
  /** A refresh that no caller waited for threw: the session store failed, or there is a bug. */
  refreshThrew(_userId: UserId, _error: unknown): void {}
  /** The session was ended because its login cannot be continued upstream. */
  sessionLost(_userId: UserId, _reason: 'invalid-grant' | 'not-refreshable'): void {}
  signedIn(_userId: UserId): void {}
  loginRefused(_code: string): void {}
  signedOut(_userId: UserId): void {}
  signOutFailed(_userId: UserId, _error: unknown): void {}
}
