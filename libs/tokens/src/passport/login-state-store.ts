import { randomBytes } from 'node:crypto';
import { Secret } from '@gw/kernel';
import { type CodeFlowStart, LOGIN_TTL_MS } from '../code-flow.js';
import { type LoginAttempt, type LoginAttempts } from '../login-attempts.js';

/** What a strategy is driven with in place of an Express request. */
export interface LoginRequest {
  readonly query: { readonly code?: string; readonly state?: string };
  /** While beginning: who begins, and where to go afterwards. */
  readonly start?: CodeFlowStart;
  /** While completing: the browser that came. */
  readonly browser?: string | undefined;
  /** Set when the state has turned out to be this browser's. */
  attempt?: LoginAttempt;
}

type Stored = (error: unknown, state?: string) => void;
/** With PKCE, `ok` is the code verifier (passport-oauth2 `lib/state/pkcesession.js`). */
type Verified = (error: unknown, ok?: string | false, state?: unknown) => void;

/**
 * The custom `store` of passport-oauth2, which looks at the number of parameters to know what to pass:
 * five for `store` and four for `verify` are the forms with PKCE.
 */
export class LoginStateStore {
  constructor(private readonly attempts: LoginAttempts) {}

  store(request: LoginRequest, verifier: string, _state: unknown, _meta: unknown, done: Stored): void {
    const state = randomBytes(32).toString('base64url');
    this.#put(request, verifier, state).then(
      () => done(null, state),
      (error: unknown) => done(error),
    );
  }

  verify(request: LoginRequest, state: string, _meta: unknown, done: Verified): void {
    this.redeem(state, request.browser).then(
      (attempt) => {
        if (!attempt) {
          done(null, false);
          return;
        }
        request.attempt = attempt;
        done(null, attempt.codeVerifier.reveal(), attempt);
      },
      (error: unknown) => done(error),
    );
  }

  /** The attempt goes in any case: a state that a foreign browser has shown serves nobody any more. */
  async redeem(state: string, browser: string | undefined): Promise<LoginAttempt | undefined> {
    const attempt = await this.attempts.take(state);
    return attempt && attempt.browser === browser ? attempt : undefined;
  }

  async #put({ start }: LoginRequest, verifier: string, state: string): Promise<void> {
    if (!start) throw new Error('A login was begun without its browser');
    await this.attempts.put(state, { codeVerifier: new Secret(verifier), ...start }, LOGIN_TTL_MS);
  }
}
