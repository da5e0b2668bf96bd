import { type GatewayError } from '@gw/kernel';
import { deviceOf, type Login, type Session, type Sessions } from '@gw/sessions';
import { z } from 'zod';
import { type CodeFlow, type CodeFlowOutcome, type CodeFlowStart } from './code-flow.js';
import { type LoginCookie, LoginCookies } from './login-cookies.js';
import { loginRefusals } from './login-refusals.js';
import { allowedReturnTo } from './return-to.js';
import { TokensEvents } from './tokens-events.js';

export interface LoginsOptions {
  /** The origin under which browsers reach us. */
  readonly publicOrigin: string;
  readonly allowedReturnOrigins: readonly string[];
}

export interface LoginStart {
  /** Untrusted; absent: our own `/`. */
  readonly returnTo: unknown;
  readonly cookies: ReadonlyMap<string, string>;
}

export interface LoginRedirect {
  readonly location: string;
  readonly cookies: readonly LoginCookie[];
}

export interface LoginCallback {
  /** Untrusted. */
  readonly query: unknown;
  readonly cookies: ReadonlyMap<string, string>;
  readonly userAgent: string | undefined;
  /** The value of the session cookie that the browser has from before. */
  readonly formerSecret: string | undefined;
}

export type LoginOutcome =
  | {
      readonly kind: 'signed-in';
      /** The new session cookie's value. */
      readonly secret: string;
      readonly session: Session;
      readonly returnTo: string;
      readonly cookies: readonly LoginCookie[];
    }
  /** For a native app: no session of this browser's began. */
  | {
      readonly kind: 'authorized';
      readonly app: string;
      readonly login: Login;
      readonly cookies: readonly LoginCookie[];
    }
  | {
      readonly kind: 'refused';
      readonly error: GatewayError;
      /** To be told to the native app for which the login was made. */
      readonly app?: string | undefined;
      readonly cookies: readonly LoginCookie[];
    };

const text = z.string().min(1).max(4_096);
const callbackQuery = z.union([
  z.object({ state: text, error: text }),
  z.object({ state: text, code: text }),
]);
const returnToQuery = z.string().default('/');

/** People log in: from the first redirect to a session of their own. */
export class Logins {
  readonly #cookies: LoginCookies;

  constructor(
    private readonly flow: CodeFlow,
    private readonly sessions: Sessions,
    private readonly options: LoginsOptions,
    private readonly events: TokensEvents = new TokensEvents(),
  ) {
    this.#cookies = new LoginCookies(options.publicOrigin.startsWith('https:'));
  }

  /** @throws {GatewayError} `return_to_not_allowed` when `returnTo` leads to a foreign place. */
  async begin(start: LoginStart): Promise<LoginRedirect> {
    return this.#begin({ returnTo: this.#returnTo(start.returnTo) }, start.cookies);
  }

  /** For a native app; `app` comes back with the outcome. The browser's own session is not looked at. */
  beginFor(app: string, cookies: ReadonlyMap<string, string>): Promise<LoginRedirect> {
    return this.#begin({ returnTo: '/', app }, cookies);
  }

  async complete(callback: LoginCallback): Promise<LoginOutcome> {
    const { data: query } = callbackQuery.safeParse(callback.query);
    if (!query) return this.#refused(refusalOf(callback.query), []);
    const name = this.#cookies.nameOf(query.state);
    const secret = callback.cookies.get(name);
    const browser = secret === undefined ? undefined : this.#cookies.browserOf(secret);
    const outcome = await this.flow.complete({ ...query, browser });
    const cookies = [this.#cookies.clear(name)];
    if (outcome.kind === 'refused') return this.#refused(outcome.error, cookies, outcome.app);
    const { app, user, tokens } = outcome;
    if (app === undefined) return this.#signIn(outcome, callback, cookies);
    const device = deviceOf(callback.userAgent);
    return { kind: 'authorized', app, login: { user, tokens, device }, cookies };
  }

  async #begin(
    start: Pick<CodeFlowStart, 'returnTo' | 'app'>,
    cookies: ReadonlyMap<string, string>,
  ): Promise<LoginRedirect> {
    const secret = this.#cookies.newSecret();
    const browser = this.#cookies.browserOf(secret);
    const { state, location } = await this.flow.begin({ browser, ...start });
    return {
      location,
      cookies: [...this.#cookies.clearSurplus(cookies), this.#cookies.set(state, secret)],
    };
  }

  async #signIn(
    { user, tokens, returnTo }: Extract<CodeFlowOutcome, { kind: 'authorized' }>,
    { userAgent, formerSecret }: LoginCallback,
    cookies: readonly LoginCookie[],
  ): Promise<LoginOutcome> {
    const former =
      formerSecret === undefined
        ? undefined
        : await this.sessions.authenticate(formerSecret, { touch: false });
    const isSamePerson = former?.user.id === user.id;
    const { secret, session } = await this.sessions.create({
      user,
      tokens,
      device: deviceOf(userAgent),
      // Other tabs of this browser, in login at the same time, hold sockets open under it.
      supersedes: isSamePerson ? former.id : undefined,
    });
    // Another person's session must not outlive its cookie.
    if (former && !isSamePerson) await this.sessions.end(former.id, 'revoked');
    this.events.signedIn(user.id);
    return { kind: 'signed-in', secret, session, returnTo, cookies };
  }

  #returnTo(untrusted: unknown): string {
    const { data: value } = returnToQuery.safeParse(untrusted);
    const { publicOrigin: ownOrigin, allowedReturnOrigins: allowedOrigins } = this.options;
    const returnTo = value === undefined ? undefined : allowedReturnTo(value, { ownOrigin, allowedOrigins });
    if (returnTo === undefined) throw loginRefusals.returnTo();
    return returnTo;
  }

  #refused(error: GatewayError, cookies: readonly LoginCookie[], app?: string): LoginOutcome {
    this.events.loginRefused(error.code);
    return { kind: 'refused', error, app, cookies };
  }
}

/** A callback without a state cannot be ours, whatever else it carries; with one, it is only malformed. */
const refusalOf = (query: unknown): GatewayError =>
  z.object({ state: text }).safeParse(query).success ? loginRefusals.malformed() : loginRefusals.state();
