import { type UserId } from '@gw/kernel';
import { type UnavailableReason } from './authorization-server.js';

/** What happens to tokens and logins, for logs and counters; never a secret. Does nothing by default. */
export class TokensEvents {
  refreshed(_userId: UserId): void {}
  refreshFailed(_userId: UserId, _reason: UnavailableReason, _retryAfterMs: number): void {}
  /** Tokens were redeemed and not stored; this process uses them, and tries to store them again. */
  tokensUnsaved(_userId: UserId, _error: unknown): void {}
  /** A refresh could not be tried without the shared state, or there is a bug. */
  refreshThrew(_userId: UserId, _error: unknown): void {}
  /** The session was ended because its login cannot be continued upstream. */
  sessionLost(_userId: UserId, _reason: 'invalid-grant' | 'not-refreshable'): void {}
  signedIn(_userId: UserId): void {}
  loginRefused(_code: string): void {}
  signedOut(_userId: UserId): void {}
  signOutFailed(_userId: UserId, _error: unknown): void {}
}
