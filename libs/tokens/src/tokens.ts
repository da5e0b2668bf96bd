import { type Clock, type SessionId, SingleFlight, type UserId } from '@gw/kernel';
import { type Session, type Sessions, type TokenSet } from '@gw/sessions';
import { type AuthorizationServer, type UnavailableReason } from './authorization-server.js';
import { RefreshPauses } from './refresh-pauses.js';
import { isAlive, refreshAt } from './refresh-time.js';
import { TokensEvents } from './tokens-events.js';

export type Access =
  | { readonly kind: 'token'; readonly token: string }
  /** The session is over. */
  | { readonly kind: 'login-required' }
  | { readonly kind: 'unavailable'; readonly retryAfterMs: number };

const LOGIN_REQUIRED: Access = { kind: 'login-required' };
/** An upstream that refuses even new tokens must not make each of its 401s a call to the token endpoint. */
const PAUSE_AFTER_REFUSAL_MS = 10_000;
const REFUSED_FOR_GOOD: Access = { kind: 'unavailable', retryAfterMs: PAUSE_AFTER_REFUSAL_MS };

/**
 * Access tokens for sessions, renewed ahead of time: one redemption of a refresh token, however many
 * need it. Callers cannot abort one: a refresh token works once, and an aborted refresh would leave us
 * holding a used one, and the user logged out. Who does not want to wait stops waiting.
 */
export class Tokens {
  readonly #refreshes = new SingleFlight<SessionId, Access>();
  readonly #pauses: RefreshPauses;
  readonly #refusals: RefreshPauses;

  constructor(
    private readonly sessions: Sessions,
    private readonly server: AuthorizationServer,
    private readonly clock: Clock,
    private readonly events: TokensEvents = new TokensEvents(),
  ) {
    this.#pauses = new RefreshPauses(clock);
    this.#refusals = new RefreshPauses(clock);
  }

  async access(id: SessionId): Promise<Access> {
    const session = await this.sessions.load(id);
    return session ? this.accessOf(session) : LOGIN_REQUIRED;
  }

  /** As `access`, for who has just loaded the session: answers at once, without I/O, while its token lives. */
  accessOf(session: Session): Access | Promise<Access> {
    const { tokens } = session;
    const now = this.clock.now();
    if (!isAlive(tokens, now)) return this.#refresh(session);
    if (now >= refreshAt(session.id, tokens) && tokens.refreshToken) this.#refreshAhead(session);
    return tokenOf(tokens);
  }

  /**
   * A token in place of one that an upstream has refused with 401. `unavailable` when there is none
   * better: the upstream's answer then stands.
   */
  async replace(id: SessionId, refusedToken: string): Promise<Access> {
    const session = await this.sessions.load(id);
    if (!session) return LOGIN_REQUIRED;
    if (session.tokens.accessToken.reveal() !== refusedToken) return this.accessOf(session);
    // One API's 401 to a token that has time left and no successor does not end the whole session.
    if (!session.tokens.refreshToken && endsLater(session, this.clock.now())) return REFUSED_FOR_GOOD;
    const pauseMs = this.#refusals.leftOf(id);
    if (pauseMs > 0) return { kind: 'unavailable', retryAfterMs: pauseMs };
    const access = await this.#refresh(session);
    if (access.kind === 'token') this.#refusals.forAWhile(id, PAUSE_AFTER_REFUSAL_MS);
    return access;
  }

  /**
   * A live session of the user whose token work in the background can borrow: the preferred one if it
   * lives, else the one used last.
   */
  async ofUser(userId: UserId, preferred?: SessionId): Promise<SessionId | undefined> {
    const sessions = await this.sessions.ofUser(userId);
    const chosen =
      sessions.find(({ id }) => id === preferred) ??
      sessions.toSorted((left, right) => right.lastSeenAt - left.lastSeenAt)[0];
    return chosen?.id;
  }

  #refreshAhead(session: Session): void {
    if (this.#pauses.leftOf(session.id) > 0) return;
    this.#refresh(session).catch((error: unknown) => this.events.refreshThrew(session.user.id, error));
  }

  #refresh(seen: Session): Promise<Access> {
    return this.#refreshes.run(seen.id, () => this.#refreshAlone(seen));
  }

  async #refreshAlone(seen: Session): Promise<Access> {
    // Somebody else may have refreshed since the caller looked.
    const current = await this.sessions.load(seen.id);
    if (!current) return LOGIN_REQUIRED;
    if (!sameAccessToken(current, seen)) return tokenOf(current.tokens);
    const { refreshToken } = current.tokens;
    if (!refreshToken) return this.#lose(current, 'not-refreshable');
    const pauseMs = this.#pauses.leftOf(current.id);
    if (pauseMs > 0) return { kind: 'unavailable', retryAfterMs: pauseMs };
    const grant = await this.server.refresh(refreshToken);
    switch (grant.kind) {
      case 'tokens':
        return this.#keep(current, grant.tokens);
      case 'invalid-grant':
        return this.#loseUnlessReplaced(current);
      case 'unavailable':
        return this.#pause(current, grant.retryAfterMs, grant.reason);
    }
  }

  async #keep(session: Session, tokens: TokenSet): Promise<Access> {
    this.#pauses.clear(session.id);
    const outcome = await this.sessions.replaceTokens(session, tokens);
    if (outcome.kind === 'gone') {
      this.#discard(session.user.id, tokens);
      return LOGIN_REQUIRED;
    }
    this.events.refreshed(session.user.id);
    return tokenOf(outcome.session.tokens);
  }

  /** The session ended while its refresh was under way: nobody will use or sign out these tokens. */
  #discard(userId: UserId, tokens: TokenSet): void {
    this.server
      .signOut(tokens.accessToken)
      .catch((error: unknown) => this.events.signOutFailed(userId, error));
  }

  /** The refresh token may be refused because another instance has redeemed it: then its result counts. */
  async #loseUnlessReplaced(seen: Session): Promise<Access> {
    const current = await this.sessions.load(seen.id);
    if (!current) return LOGIN_REQUIRED;
    return sameAccessToken(current, seen) ? this.#lose(current, 'invalid-grant') : tokenOf(current.tokens);
  }

  async #lose(session: Session, reason: 'invalid-grant' | 'not-refreshable'): Promise<Access> {
    this.events.sessionLost(session.user.id, reason);
    await this.sessions.end(session.id, 'upstream');
    return LOGIN_REQUIRED;
  }

  #pause(session: Session, advisedMs: number, reason: UnavailableReason): Access {
    const retryAfterMs = this.#pauses.failed(session.id, advisedMs);
    this.events.refreshFailed(session.user.id, reason, retryAfterMs);
    return { kind: 'unavailable', retryAfterMs };
  }
}

const tokenOf = ({ accessToken }: TokenSet): Access => ({ kind: 'token', token: accessToken.reveal() });

const sameAccessToken = (left: Session, right: Session): boolean =>
  left.tokens.accessToken.reveal() === right.tokens.accessToken.reveal();

const endsLater = ({ tokens }: Session, now: number): boolean =>
  tokens.expiresAt !== undefined && isAlive(tokens, now);
