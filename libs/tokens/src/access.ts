import { type Session, type TokenSet } from '@gw/sessions';
import { isAlive } from './refresh-time.js';

export type Access =
  | { readonly kind: 'token'; readonly token: string }
  /** The session is over. */
  | { readonly kind: 'login-required' }
  | { readonly kind: 'unavailable'; readonly retryAfterMs: number };

export const LOGIN_REQUIRED: Access = { kind: 'login-required' };

export const tokenOf = ({ accessToken }: TokenSet): Access => ({
  kind: 'token',
  token: accessToken.reveal(),
});

export const sameAccessToken = (left: TokenSet, right: TokenSet): boolean =>
  left.accessToken.reveal() === right.accessToken.reveal();

/** False where the end is not known. */
export const endsLater = ({ tokens }: Session, now: number): boolean =>
  tokens.expiresAt !== undefined && isAlive(tokens, now);
