import { after, type Clock, type SessionId, type Soon, type UserId } from '@gw/kernel';
import { type Session, type Sessions } from '@gw/sessions';
import { type Access, endsLater, LOGIN_REQUIRED, tokenOf } from './access.js';
import { type AuthorizationServer } from './authorization-server.js';
import { LocalPauses } from './local-pauses.js';
import { isAlive, refreshAt } from './refresh-time.js';
import { RefreshTurns, type SharedRefreshes } from './refresh-turns.js';
import { TokenRefreshes } from './token-refreshes.js';
import { TokensEvents } from './tokens-events.js';

/** An upstream that refuses even new tokens must not make each of its 401s a call to the token endpoint. */
const PAUSE_AFTER_REFUSAL_MS = 10_000;
const REFUSED_FOR_GOOD: Access = { kind: 'unavailable', retryAfterMs: PAUSE_AFTER_REFUSAL_MS };

/**
 * Access tokens for sessions, renewed ahead of time: one redemption of a refresh token in the whole
 * cluster, however many need it. Without the shared state nothing is redeemed, and nobody is logged out.
 * Callers cannot abort one; who does not want to wait stops waiting.
 */
export class Tokens {
  readonly #refreshes: TokenRefreshes;
  readonly #refusals: LocalPauses;

  constructor(
    private readonly sessions: Sessions,
    server: AuthorizationServer,
    private readonly clock: Clock,
    events: TokensEvents = new TokensEvents(),
    /** Absent: this process is the only one. */
    shared?: SharedRefreshes,
  ) {
    const turns = new RefreshTurns(clock, shared);
    this.#refreshes = new TokenRefreshes(sessions, server, clock, events, turns);
    this.#refusals = new LocalPauses(clock);
  }

  access(id: SessionId): Soon<Access> {
    return after(this.sessions.load(id), (session) => (session ? this.accessOf(session) : LOGIN_REQUIRED));
  }

  /** As `access`, for who has just loaded the session: answers at once, without I/O, while its token lives. */
  accessOf(session: Session): Soon<Access> {
    const { tokens } = session;
    const now = this.clock.now();
    if (!isAlive(tokens, now)) return this.#refreshes.run(session);
    if (now >= refreshAt(session.id, tokens) && tokens.refreshToken) this.#refreshes.runBehind(session);
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
    const access = await this.#refreshes.run(session);
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
}
