import { type Clock, GatewayError, type Secret } from '@gw/kernel';
import { type SessionUser } from '@gw/sessions';
import { AuthorizationServer, type CodeExchange, type TokenGrant } from '../authorization-server.js';
import { readErrorCode, readTokens, readUser } from './answers.js';
import { type Answer, BoundedCalls, type Call } from './bounded-call.js';
import { retryAfterMs } from './retry-after.js';

export interface UndiciAuthorizationServerOptions {
  readonly tokenUrl: string;
  readonly userInfoUrl: string;
  readonly signOutUrl: string;
  readonly clientId: string;
  /** Absent: a public client, which only names itself. */
  readonly clientSecret?: Secret | undefined;
  readonly apiKey?: Secret | undefined;
  readonly timeoutMs: number;
}

/** The Authentication API v3, or any OAuth 2 server that speaks as it does. */
export class UndiciAuthorizationServer extends AuthorizationServer {
  readonly #calls: BoundedCalls;

  constructor(
    private readonly options: UndiciAuthorizationServerOptions,
    private readonly clock: Clock,
  ) {
    super();
    this.#calls = new BoundedCalls(options.timeoutMs);
  }

  override exchangeCode({ code, redirectUri, codeVerifier }: CodeExchange): Promise<TokenGrant> {
    return this.#grant({
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: codeVerifier.reveal(),
    });
  }

  override refresh(refreshToken: Secret): Promise<TokenGrant> {
    return this.#grant({ grant_type: 'refresh_token', refresh_token: refreshToken.reveal() }, refreshToken);
  }

  override async userInfo(accessToken: Secret): Promise<SessionUser> {
    const answer = await this.#bearer('GET', this.options.userInfoUrl, accessToken);
    const user = answer.kind === 'answer' && isSuccess(answer.status) ? readUser(answer.json) : undefined;
    if (!user) throw failure('The login server did not tell who logged in', answer);
    return user;
  }

  override async signOut(accessToken: Secret): Promise<void> {
    const url = new URL(this.options.signOutUrl);
    url.searchParams.set('global', 'false');
    const answer = await this.#bearer('POST', url.href, accessToken);
    if (answer.kind === 'none' || !isSuccess(answer.status))
      throw failure('The login server did not sign out', answer);
  }

  /** Idempotent enough for a shutdown: waits for calls under way. */
  close(): Promise<void> {
    return this.#calls.close();
  }

  #bearer(method: Call['method'], url: string, accessToken: Secret): Promise<Answer> {
    const authorization = `Bearer ${accessToken.reveal()}`;
    return this.#calls.run({ method, url, headers: { ...this.#headers(), authorization } });
  }

  async #grant(fields: Record<string, string>, former?: Secret): Promise<TokenGrant> {
    const sentAt = this.clock.now();
    const { clientId, clientSecret, tokenUrl } = this.options;
    const form = new URLSearchParams(fields);
    const headers = { ...this.#headers(), 'content-type': 'application/x-www-form-urlencoded' };
    if (clientSecret) Object.assign(headers, { authorization: basic(clientId, clientSecret) });
    else form.set('client_id', clientId);
    const answer = await this.#calls.run({ method: 'POST', url: tokenUrl, headers, body: form.toString() });
    return this.#grantOf(answer, sentAt, former);
  }

  #grantOf(answer: Answer, sentAt: number, former: Secret | undefined): TokenGrant {
    if (answer.kind === 'none') return { kind: 'unavailable', retryAfterMs: 0, reason: answer.reason };
    if (isSuccess(answer.status)) {
      const tokens = readTokens(answer.json, sentAt, former);
      return tokens
        ? { kind: 'tokens', tokens }
        : { kind: 'unavailable', retryAfterMs: 0, reason: 'malformed' };
    }
    const code = readErrorCode(answer.json);
    if (code === 'invalid_grant') return { kind: 'invalid-grant' };
    // Our own credentials are wrong: an operator's fault, for which nobody is to be logged out.
    const reason = code === 'invalid_client' || answer.status === 401 ? 'client-refused' : 'status';
    return { kind: 'unavailable', retryAfterMs: retryAfterMs(answer.retryAfter, this.clock.now()), reason };
  }

  #headers(): Record<string, string> {
    const { apiKey } = this.options;
    return { accept: 'application/json', ...(apiKey && { 'x-api-key': apiKey.reveal() }) };
  }
}

/** Not form-encoded before base64, unlike RFC 6749 §2.3.1: this server's own clients do not do it either. */
const basic = (clientId: string, clientSecret: Secret): string =>
  `Basic ${Buffer.from(`${clientId}:${clientSecret.reveal()}`).toString('base64')}`;

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

function failure(message: string, answer: Answer): GatewayError {
  if (answer.kind === 'answer')
    return new GatewayError('authorization_server_failed', 'bad_gateway', message);
  const kind = answer.reason === 'timeout' ? 'timeout' : 'bad_gateway';
  return new GatewayError('authorization_server_failed', kind, message, { cause: answer.cause });
}
