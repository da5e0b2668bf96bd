import { type Secret } from '@gw/kernel';

/** One tab's way through the login, kept from the redirect to the callback. */
export interface LoginAttempt {
  /** PKCE, RFC 7636. */
  readonly codeVerifier: Secret;
  /** SHA-256 of the cookie by which the browser proves that it began this attempt. */
  readonly browser: string;
  readonly returnTo: string;
  /** What a native app asked for, when the login is made for one; opaque here. */
  readonly app?: string | undefined;
}

/**
 * Login attempts by their `state`. Every implementation passes `testing/login-attempts.contract.ts`.
 * Bounded: when full, the oldest attempt goes.
 */
export abstract class LoginAttempts {
  /** The attempt disappears `ttlMs` milliseconds from now. */
  abstract put(state: string, attempt: LoginAttempt, ttlMs: number): Promise<void>;

  /** Gives an attempt once: of several takers of one state, one gets it. */
  abstract take(state: string): Promise<LoginAttempt | undefined>;
}
