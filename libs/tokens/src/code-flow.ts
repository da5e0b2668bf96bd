import { type GatewayError } from '@gw/kernel';
import { type SessionUser, type TokenSet } from '@gw/sessions';

export interface CodeFlowStart {
  /** SHA-256 of the secret that the browser that begins holds in its cookie. */
  readonly browser: string;
  readonly returnTo: string;
  /** What a native app asked for, when the login is made for one; opaque here. */
  readonly app?: string | undefined;
}

/** The query of the callback, RFC 6749 §4.1.2; untrusted. */
export interface CodeFlowCallback {
  readonly state: string;
  readonly code?: string | undefined;
  readonly error?: string | undefined;
  /** Of the browser that came; undefined when it has no cookie for this state. */
  readonly browser: string | undefined;
}

export type CodeFlowOutcome =
  | {
      readonly kind: 'authorized';
      readonly tokens: TokenSet;
      readonly user: SessionUser;
      readonly returnTo: string;
      readonly app?: string | undefined;
    }
  /** `app`: only when the login was begun in this browser, so that the app may be told. */
  | { readonly kind: 'refused'; readonly error: GatewayError; readonly app?: string | undefined };

/**
 * The authorization code grant (RFC 6749 §4.1) with `state` and PKCE S256 (RFC 7636): sends a browser
 * to the authorization server and judges what it brings back. A state serves once, and only the
 * browser that began with it.
 */
export abstract class CodeFlow {
  /** `location`: the authorization request that the browser is to follow. */
  abstract begin(start: CodeFlowStart): Promise<{ state: string; location: string }>;

  abstract complete(callback: CodeFlowCallback): Promise<CodeFlowOutcome>;
}

/** How long people may take to type their password, milliseconds. */
export const LOGIN_TTL_MS = 600_000;
