import { type Clock } from '@gw/kernel';
import { type Session } from '@gw/sessions';
import { type AccessHandles } from './access-handles.js';
import { handleHashOf, newHandle } from './handle.js';
import { OAuthError } from './oauth-error.js';

/** The one scope that there is: all that the session may do. What an app asks for beside it is ignored. */
export const SCOPE = 'session';

/** A successful answer of the token endpoint, RFC 6749 §5.1. */
export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds. */
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly scope: string;
}

/** Gives access tokens for sessions; none lives longer than its session can. */
export class TokenIssue {
  constructor(
    private readonly handles: AccessHandles,
    private readonly clock: Clock,
    private readonly accessTtlMs: number,
  ) {}

  /** @throws {OAuthError} `invalid_grant` when the session ends within a second. */
  async accessTo(session: Session): Promise<Pick<TokenAnswer, 'access_token' | 'expires_in'>> {
    const now = this.clock.now();
    const ttlMs = Math.min(this.accessTtlMs, session.expiresAt - now);
    if (ttlMs < 1_000) throw new OAuthError('invalid_grant', 'The session is over: log in again');
    const handle = newHandle();
    await this.handles.put(
      handleHashOf(handle),
      { session: session.id, expiresAt: now + ttlMs },
      Math.ceil(ttlMs),
    );
    return { access_token: handle, expires_in: Math.floor(ttlMs / 1_000) };
  }
}

export const answerOf = (
  access: Pick<TokenAnswer, 'access_token' | 'expires_in'>,
  refreshToken: string,
): TokenAnswer => ({ ...access, token_type: 'Bearer', refresh_token: refreshToken, scope: SCOPE });
