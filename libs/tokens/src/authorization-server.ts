import { type Secret } from '@gw/kernel';
import { type SessionUser, type TokenSet } from '@gw/sessions';

export interface CodeExchange {
  readonly code: string;
  /** The same as in the authorization request, RFC 6749 §4.1.3. */
  readonly redirectUri: string;
  readonly codeVerifier: Secret;
}

/** Why no answer could be had; for logs and counters. */
export type UnavailableReason = 'timeout' | 'unreachable' | 'status' | 'malformed' | 'client-refused';

export type TokenGrant =
  | { readonly kind: 'tokens'; readonly tokens: TokenSet }
  /** The code or refresh token is spent, expired or revoked: trying again cannot help. */
  | { readonly kind: 'invalid-grant' }
  /** It may be that the server acted and its answer was lost. */
  | { readonly kind: 'unavailable'; readonly retryAfterMs: number; readonly reason: UnavailableReason };

/**
 * The OAuth 2 authorization server behind the gateway (RFC 6749), as its client. Every call ends within
 * a deadline of the implementation's own, and cannot be aborted: codes and refresh tokens work once.
 */
export abstract class AuthorizationServer {
  abstract exchangeCode(exchange: CodeExchange): Promise<TokenGrant>;

  /** The answer has a refresh token in any case: the new one, or where the server sent none, the old. */
  abstract refresh(refreshToken: Secret): Promise<TokenGrant>;

  /** @throws {GatewayError} `authorization_server_failed` when the server cannot tell. */
  abstract userInfo(accessToken: Secret): Promise<SessionUser>;

  /**
   * Invalidates this one token, not the user's others.
   *
   * @throws {GatewayError} `authorization_server_failed` when the server did not confirm.
   */
  abstract signOut(accessToken: Secret): Promise<void>;
}
