import { type SessionId } from '@gw/kernel';
import { type Login } from '@gw/sessions';
import { type HandleHash } from './handle.js';

/** What a code stands for, and to whom and what it is bound. */
export interface CodeGrant {
  readonly clientId: string;
  readonly redirectUri: string;
  /** PKCE, S256. */
  readonly challenge: string;
  /** The id that the session will have: decided before, so that a code that is used twice can end it. */
  readonly session: SessionId;
  readonly login: Login;
}

export type Redemption =
  | { readonly kind: 'granted'; readonly grant: CodeGrant }
  /** It was redeemed before, for this session. */
  | { readonly kind: 'spent'; readonly session: SessionId }
  | { readonly kind: 'unknown' };

/**
 * Authorization codes by their hash. Every implementation passes `testing/authorization-codes.contract.ts`.
 * A grant holds the login's tokens: what is stored outside the process is sealed.
 */
export abstract class AuthorizationCodes {
  /** The code is forgotten `ttlMs` milliseconds from now. @throws {GatewayError} `state_unavailable` */
  abstract put(code: HandleHash, grant: CodeGrant, ttlMs: number): Promise<void>;

  /**
   * Gives a code's grant once: of several redeemers of one code one gets it, the others learn for which
   * session it went. Who comes within `rememberMs` milliseconds from now learns that as well.
   *
   * @throws {GatewayError} `state_unavailable`; the code may be spent.
   */
  abstract redeem(code: HandleHash, rememberMs: number): Promise<Redemption>;
}
