import { type SessionUser, type TokenSet } from '@gw/sessions';
import { type AuthorizationServer } from '../authorization-server.js';
import { CodeFlow, type CodeFlowCallback, type CodeFlowOutcome, type CodeFlowStart } from '../code-flow.js';
import { type LoginAttempt, type LoginAttempts } from '../login-attempts.js';
import { loginRefusals } from '../login-refusals.js';
import { CodeFlowStrategy, type PassportCodeFlowOptions, refusalIn } from './code-flow-strategy.js';
import { type LoginRequest, LoginStateStore } from './login-state-store.js';

export { type PassportCodeFlowOptions } from './code-flow-strategy.js';

type Judgement =
  | { readonly kind: 'redirect'; readonly location: string }
  | {
      readonly kind: 'success';
      readonly login: { readonly tokens: TokenSet; readonly user: SessionUser };
      readonly attempt: LoginAttempt;
    }
  | { readonly kind: 'fail' };

/** All that passport-oauth2 reads of a request is in `LoginRequest`. */
interface Driven {
  authenticate(request: LoginRequest): void;
}

/** What passport adds to a strategy for one request. */
interface Augmentation {
  redirect(location: string): void;
  success(login: { tokens: TokenSet; user: SessionUser }, info: { state: LoginAttempt }): void;
  fail(): void;
  pass(): void;
  error(error: unknown): void;
}

/** The code flow by passport-oauth2, driven as passport itself does, but with no Express around it. */
export class PassportCodeFlow extends CodeFlow {
  readonly #states: LoginStateStore;
  readonly #strategy: CodeFlowStrategy;

  constructor(options: PassportCodeFlowOptions, attempts: LoginAttempts, server: AuthorizationServer) {
    super();
    this.#states = new LoginStateStore(attempts);
    this.#strategy = new CodeFlowStrategy(options, this.#states, server);
  }

  override async begin(start: CodeFlowStart): Promise<{ state: string; location: string }> {
    const judgement = await this.#judge({ query: {}, start });
    if (judgement.kind !== 'redirect') throw new Error(`A login began with ${judgement.kind}`);
    const { location } = judgement;
    const state = new URL(location).searchParams.get('state');
    if (state === null) throw new Error('An authorization request has no state');
    return { state, location };
  }

  override async complete(callback: CodeFlowCallback): Promise<CodeFlowOutcome> {
    if (callback.code === undefined) return this.#refusedByServer(callback);
    const { code, state, browser } = callback;
    const request: LoginRequest = { query: { code, state }, browser };
    try {
      const judgement = await this.#judge(request);
      if (judgement.kind !== 'success') return { kind: 'refused', error: loginRefusals.state() };
      const { returnTo, app } = judgement.attempt;
      return { kind: 'authorized', ...judgement.login, returnTo, app };
    } catch (error) {
      const refusal = refusalIn(error);
      if (!refusal) throw error;
      return { kind: 'refused', error: refusal, app: request.attempt?.app };
    }
  }

  /** An error response is bound to its state as a code is; passport-oauth2 would not look. */
  async #refusedByServer({ state, browser, error }: CodeFlowCallback): Promise<CodeFlowOutcome> {
    const attempt = await this.#states.redeem(state, browser);
    return {
      kind: 'refused',
      error: attempt ? errorResponse(error) : loginRefusals.state(),
      app: attempt?.app,
    };
  }

  #judge(request: LoginRequest): Promise<Judgement> {
    return new Promise((resolve, reject) => {
      const augmentation: Augmentation = {
        redirect: (location) => resolve({ kind: 'redirect', location }),
        success: (login, info) => resolve({ kind: 'success', login, attempt: info.state }),
        fail: () => resolve({ kind: 'fail' }),
        pass: () => resolve({ kind: 'fail' }),
        error: (error) =>
          reject(error instanceof Error ? error : new Error('A login failed', { cause: error })),
      };
      const strategy = Object.assign(Object.create(this.#strategy) as Driven, augmentation);
      strategy.authenticate(request);
    });
  }
}

/** RFC 6749 §4.1.2.1. */
function errorResponse(code: string | undefined) {
  switch (code) {
    case 'access_denied':
      return loginRefusals.denied();
    case 'server_error':
    case 'temporarily_unavailable':
      return loginRefusals.unavailable();
    case undefined:
    default:
      return loginRefusals.failed();
  }
}
