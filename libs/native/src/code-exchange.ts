import { type Session, type Sessions } from '@gw/sessions';
import { type AuthorizationCodes, type CodeGrant } from './authorization-codes.js';
import { handleHashOf, looksLikeHandle } from './handle.js';
import { type NativeEvents } from './native-events.js';
import { OAuthError } from './oauth-error.js';
import { proves } from './pkce.js';
import { type RefreshFamilies } from './refresh-families.js';
import { newRefreshToken } from './refresh-token.js';
import { answerOf, type TokenAnswer, type TokenIssue } from './token-issue.js';
import { type CodeRequest } from './token-request.js';

/** How long a code that was redeemed is remembered, should it come again, in milliseconds. */
const REMEMBERED_MS = 3_600_000;

/** The authorization code grant at the token endpoint, RFC 6749 §4.1.3. */
export class CodeExchange {
  constructor(
    private readonly codes: AuthorizationCodes,
    private readonly families: RefreshFamilies,
    private readonly issue: TokenIssue,
    private readonly sessions: Sessions,
    private readonly events: NativeEvents,
  ) {}

  /** @throws {OAuthError} */
  async run(request: CodeRequest): Promise<TokenAnswer> {
    const grant = await this.#grantOf(request.code);
    // The code is spent all the same: who had it and could not prove to be the app has stolen it.
    if (!isBoundTo(grant, request)) throw refused();
    const session = await this.sessions.createAs(grant.session, grant.login);
    // The code came a second time before its session had begun.
    if (!session) throw refused();
    return this.#answerFor(session, grant.clientId);
  }

  async #grantOf(code: string): Promise<CodeGrant> {
    if (!looksLikeHandle(code)) throw refused();
    const redemption = await this.codes.redeem(handleHashOf(code), REMEMBERED_MS);
    if (redemption.kind === 'granted') return redemption.grant;
    if (redemption.kind === 'spent') {
      // RFC 6749 §4.1.2: what it gave is revoked.
      await this.sessions.end(redemption.session, 'revoked');
      this.events.reused('authorization_code');
    }
    throw refused();
  }

  async #answerFor(session: Session, clientId: string): Promise<TokenAnswer> {
    try {
      const refreshToken = newRefreshToken();
      const access = await this.issue.accessTo(session);
      const ttlMs = Math.ceil(session.expiresAt - session.createdAt);
      await this.families.begin(refreshToken.family, session.id, refreshToken.hash, ttlMs);
      this.events.granted(session.user.id, clientId);
      return answerOf(access, refreshToken.text);
    } catch (error) {
      // Nobody has its tokens.
      await this.sessions.end(session.id, 'revoked').catch(() => {});
      throw error;
    }
  }
}

const isBoundTo = (grant: CodeGrant, { clientId, redirectUri, verifier }: CodeRequest): boolean =>
  grant.clientId === clientId && grant.redirectUri === redirectUri && proves(verifier, grant.challenge);

const refused = () =>
  new OAuthError('invalid_grant', 'The code is not valid for this client, redirect_uri and code_verifier');
