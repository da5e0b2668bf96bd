import { type Clock, type SessionId, SingleFlight, type UserId } from '@gw/kernel';
import { type Session, type Sessions, type TokenReplacement, type TokenSet } from '@gw/sessions';
import { type Access, LOGIN_REQUIRED, sameAccessToken, tokenOf } from './access.js';
import { type AuthorizationServer, type UnavailableReason } from './authorization-server.js';
import { isAlive } from './refresh-time.js';
import { isStateUnavailable, type RefreshTurns } from './refresh-turns.js';
import { type TokensEvents } from './tokens-events.js';
import { UnsavedTokens } from './unsaved-tokens.js';

/** When the shared state is away, or somebody else takes very long. */
const RETRY_MS = 1_000;
const LATER: Access = { kind: 'unavailable', retryAfterMs: RETRY_MS };

/**
 * Redeems refresh tokens: each once, by whoever has the turn, for all who need it. A refresh token works
 * once, and an aborted refresh would leave us holding a used one, and the user logged out: so nobody can
 * abort it.
 */
export class TokenRefreshes {
  readonly #running = new SingleFlight<SessionId, Access>();
  readonly #unsaved: UnsavedTokens;

  constructor(
    private readonly sessions: Sessions,
    private readonly server: AuthorizationServer,
    private readonly clock: Clock,
    private readonly events: TokensEvents,
    private readonly turns: RefreshTurns,
  ) {
    this.#unsaved = new UnsavedTokens(clock, (session) => this.#runQuietly(session));
  }

  /** What to go on with in place of the tokens that `seen` has. */
  run(seen: Session): Promise<Access> {
    return this.#running.run(seen.id, () => this.#runInTurn(seen));
  }

  /** For whom nobody waits. */
  runBehind(seen: Session): void {
    if (this.turns.knownPause(seen.id) === 0) void this.#runQuietly(seen);
  }

  async #runQuietly(seen: Session): Promise<void> {
    try {
      await this.run(seen);
    } catch (error) {
      this.events.refreshThrew(seen.user.id, error);
    }
  }

  async #runInTurn(seen: Session): Promise<Access> {
    const pauseMs = this.turns.knownPause(seen.id);
    if (pauseMs > 0) return this.#meanwhile(seen, pauseMs);
    try {
      const access = await this.turns.take(seen.id, () => this.#runAlone(seen));
      return access ?? (await this.#refreshedByOthers(seen)) ?? this.#meanwhile(seen, RETRY_MS);
    } catch (error) {
      if (!isStateUnavailable(error)) throw error;
      this.events.refreshThrew(seen.user.id, error);
      this.turns.rest(seen.id, RETRY_MS);
      return this.#meanwhile(seen, RETRY_MS);
    }
  }

  async #runAlone(seen: Session): Promise<Access> {
    const current = await this.sessions.loadFresh(seen.id);
    const unsaved = current && this.#unsaved.of(current);
    if (current && unsaved) return this.#keep(current, unsaved);
    this.#dropUnsaved(seen, current);
    if (!current) return LOGIN_REQUIRED;
    // Somebody else may have refreshed since the caller looked.
    if (!sameAccessToken(current.tokens, seen.tokens) && isAlive(current.tokens, this.clock.now())) {
      return tokenOf(current.tokens);
    }
    const { refreshToken } = current.tokens;
    if (!refreshToken) return this.#lose(current, 'not-refreshable');
    const pauseMs = await this.turns.pauseOf(current.id);
    if (pauseMs > 0) return { kind: 'unavailable', retryAfterMs: pauseMs };
    const grant = await this.server.refresh(refreshToken);
    switch (grant.kind) {
      case 'tokens':
        return this.#keep(current, grant.tokens);
      case 'invalid-grant':
        return (await this.#refreshedByOthers(current)) ?? this.#lose(current, 'invalid-grant');
      case 'unavailable':
        return this.#pause(current, grant.retryAfterMs, grant.reason);
    }
  }

  async #keep(session: Session, tokens: TokenSet): Promise<Access> {
    const outcome = await this.#save(session, tokens);
    if (outcome === 'unsaved') return tokenOf(tokens);
    this.#unsaved.drop(session.id);
    await this.turns.succeeded(session.id);
    if (outcome.kind === 'gone') {
      this.#discard(session.user.id, tokens);
      return LOGIN_REQUIRED;
    }
    this.events.refreshed(session.user.id);
    return tokenOf(outcome.session.tokens);
  }

  /**
   * The refresh token is spent, whatever becomes of what it brought: tokens that cannot be stored serve
   * this process, which goes on trying.
   */
  async #save(session: Session, tokens: TokenSet): Promise<TokenReplacement | 'unsaved'> {
    try {
      return await this.sessions.replaceTokens(session, tokens);
    } catch (error) {
      if (this.#unsaved.keep(session, tokens)) this.events.tokensUnsaved(session.user.id, error);
      return 'unsaved';
    }
  }

  /** The session has ended, or goes on with other tokens, unless these were stored without our knowing. */
  #dropUnsaved({ id, user }: Session, current: Session | undefined): void {
    const dropped = this.#unsaved.drop(id);
    if (dropped && !(current && sameAccessToken(current.tokens, dropped))) this.#discard(user.id, dropped);
  }

  /** The session ended while its refresh was under way: nobody will use or sign out these tokens. */
  #discard(user: UserId, { accessToken }: TokenSet): void {
    this.server.signOut(accessToken).catch((error: unknown) => this.events.signOutFailed(user, error));
  }

  /** What another instance may have done meanwhile: its result counts. */
  async #refreshedByOthers(seen: Session): Promise<Access | undefined> {
    const current = await this.sessions.loadFresh(seen.id);
    if (!current) return LOGIN_REQUIRED;
    if (sameAccessToken(current.tokens, seen.tokens)) return undefined;
    return isAlive(current.tokens, this.clock.now()) ? tokenOf(current.tokens) : LATER;
  }

  async #lose(session: Session, reason: 'invalid-grant' | 'not-refreshable'): Promise<Access> {
    this.events.sessionLost(session.user.id, reason);
    await this.sessions.end(session.id, 'upstream');
    return LOGIN_REQUIRED;
  }

  async #pause(session: Session, advisedMs: number, reason: UnavailableReason): Promise<Access> {
    const retryAfterMs = await this.turns.failed(session.id, advisedMs);
    this.events.refreshFailed(session.user.id, reason, retryAfterMs);
    return { kind: 'unavailable', retryAfterMs };
  }

  #meanwhile(seen: Session, retryAfterMs: number): Access {
    const unsaved = this.#unsaved.of(seen);
    if (unsaved && isAlive(unsaved, this.clock.now())) return tokenOf(unsaved);
    return { kind: 'unavailable', retryAfterMs };
  }
}
