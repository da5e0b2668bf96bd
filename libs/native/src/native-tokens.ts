import { type SessionId } from '@gw/kernel';
import { type Sessions } from '@gw/sessions';
import { type AccessHandles } from './access-handles.js';
import { type CodeExchange } from './code-exchange.js';
import { handleHashOf, looksLikeHandle } from './handle.js';
import { type NativeClients } from './native-clients.js';
import { type NativeEvents } from './native-events.js';
import { OAuthError } from './oauth-error.js';
import { type RefreshFamilies } from './refresh-families.js';
import { parseRefreshToken } from './refresh-token.js';
import { type TokenAnswer } from './token-issue.js';
import { type Form, readRevocationRequest, readTokenRequest } from './token-request.js';
import { type TokenRotation } from './token-rotation.js';

/** The token endpoint (RFC 6749 §3.2) and the revocation endpoint (RFC 7009). */
export class NativeTokens {
  constructor(
    private readonly clients: NativeClients,
    private readonly exchange: CodeExchange,
    private readonly rotation: TokenRotation,
    private readonly families: RefreshFamilies,
    private readonly handles: AccessHandles,
    private readonly sessions: Sessions,
    private readonly events: NativeEvents,
  ) {}

  /** @throws {OAuthError} */
  grant(form: Form): Promise<TokenAnswer> {
    return this.#reported(async () => {
      const request = readTokenRequest(form, this.clients);
      return request.grantType === 'authorization_code'
        ? this.exchange.run(request)
        : this.rotation.run(request);
    });
  }

  /**
   * Ends the session that the token belongs to, whichever of its tokens it is: an app that revokes one logs
   * out. Also done when there is nothing to revoke (RFC 7009 §2.2).
   *
   * @throws {OAuthError}
   */
  revoke(form: Form): Promise<void> {
    return this.#reported(async () => {
      const { clientId, token } = readRevocationRequest(form, this.clients);
      const id = await this.#sessionOf(token);
      const session = id && (await this.sessions.load(id));
      if (!session) return;
      if (session.client !== clientId) {
        throw new OAuthError('invalid_grant', 'The token was given to another client');
      }
      await this.sessions.end(session.id, 'logout');
      this.events.revoked(session.user.id, clientId);
    });
  }

  async #sessionOf(token: string): Promise<SessionId | undefined> {
    if (looksLikeHandle(token)) return (await this.handles.find(handleHashOf(token)))?.session;
    const refreshToken = parseRefreshToken(token);
    return refreshToken && this.families.sessionOf(refreshToken.family);
  }

  async #reported<Answer>(task: () => Promise<Answer>): Promise<Answer> {
    try {
      return await task();
    } catch (error) {
      if (error instanceof OAuthError) this.events.refused(error.code, error.description);
      throw error;
    }
  }
}
