import { type Session, type Sessions } from '@gw/sessions';
import { type NativeEvents } from './native-events.js';
import { OAuthError } from './oauth-error.js';
import { type RefreshFamilies } from './refresh-families.js';
import { parseRefreshToken, type RefreshToken, successorOf } from './refresh-token.js';
import { answerOf, type TokenAnswer, type TokenIssue } from './token-issue.js';
import { type RefreshRequest } from './token-request.js';

/**
 * The refresh token grant at the token endpoint, RFC 6749 §6. A refresh token works once (RFC 9700 §4.14.2):
 * when it comes again, two have it, nobody can tell which of them is the app, and the session ends.
 */
export class TokenRotation {
  constructor(
    private readonly families: RefreshFamilies,
    private readonly issue: TokenIssue,
    private readonly sessions: Sessions,
    private readonly events: NativeEvents,
  ) {}

  /** @throws {OAuthError} */
  async run({ clientId, refreshToken: text }: RefreshRequest): Promise<TokenAnswer> {
    const presented = parseRefreshToken(text);
    if (!presented) throw refused();
    const session = await this.#sessionOf(presented);
    if (session.client !== clientId) return this.#leaked(session);
    const next = successorOf(presented);
    // Before the rotation: were it to fail after it, the app would be left with a token that is spent.
    const access = await this.issue.accessTo(session);
    const outcome = await this.families.rotate(presented.family, presented.hash, next.hash);
    if (outcome === 'spent') return this.#leaked(session);
    if (outcome === 'gone') throw refused();
    this.events.refreshed(session.user.id, clientId);
    return answerOf(access, next.text);
  }

  async #sessionOf({ family }: RefreshToken): Promise<Session> {
    const id = await this.families.sessionOf(family);
    const session = id && (await this.sessions.use(id, { touch: true }));
    if (!session) throw refused();
    return session;
  }

  async #leaked(session: Session): Promise<never> {
    await this.sessions.end(session.id, 'revoked');
    this.events.reused('refresh_token');
    throw refused();
  }
}

const refused = () =>
  new OAuthError('invalid_grant', 'The refresh token is not valid for this client: log in again');
