import { GatewayError, Secret } from '@gw/kernel';
import { type TokenSet } from '@gw/sessions';
import OAuth2Strategy from 'passport-oauth2';
import { z } from 'zod';
import { type AuthorizationServer, type TokenGrant } from '../authorization-server.js';
import { loginRefusals } from '../login-refusals.js';
import { type LoginStateStore } from './login-state-store.js';

export interface PassportCodeFlowOptions {
  readonly authorizationUrl: string;
  readonly clientId: string;
  /** Our callback, absolute: the redirect URI that is registered for the client. */
  readonly callbackUrl: string;
}

type Obtained = (error: unknown, accessToken?: string, refreshToken?: string, tokens?: TokenSet) => void;

const tokenParams = z.object({ redirect_uri: z.string(), code_verifier: z.string() });

/**
 * passport-oauth2 with our own client of the authorization server behind it: that of the library knows
 * no deadline and no limit of size.
 */
export class CodeFlowStrategy extends OAuth2Strategy {
  constructor(
    options: PassportCodeFlowOptions,
    store: LoginStateStore,
    private readonly server: AuthorizationServer,
  ) {
    super(
      // The published types of `store` know only the forms without PKCE.
      Object.assign(strategyOptions(options), { store }),
      (_accessToken, _refreshToken, tokens: TokenSet, user: object, verified) =>
        verified(null, { tokens, user }),
    );
    Object.assign(this._oauth2, {
      getOAuthAccessToken: (code: string, params: unknown, obtained: Obtained) => {
        this.#exchange(code, params).then(
          (tokens) => obtained(null, tokens.accessToken.reveal(), tokens.refreshToken?.reveal(), tokens),
          (error: unknown) => obtained(error),
        );
      },
    });
  }

  override userProfile(accessToken: string, done: (error?: unknown, profile?: unknown) => void): void {
    this.server.userInfo(new Secret(accessToken)).then(
      (user) => done(null, user),
      (error: unknown) => done(error),
    );
  }

  async #exchange(code: string, params: unknown): Promise<TokenSet> {
    const { redirect_uri: redirectUri, code_verifier: verifier } = tokenParams.parse(params);
    return tokensOf(
      await this.server.exchangeCode({ code, redirectUri, codeVerifier: new Secret(verifier) }),
    );
  }
}

const strategyOptions = (options: PassportCodeFlowOptions): OAuth2Strategy.StrategyOptions => ({
  authorizationURL: options.authorizationUrl,
  // The exchange is ours; the library only wants these two to be there.
  tokenURL: options.authorizationUrl,
  clientSecret: '',
  clientID: options.clientId,
  callbackURL: options.callbackUrl,
  pkce: true,
});

function tokensOf(grant: TokenGrant): TokenSet {
  switch (grant.kind) {
    case 'tokens':
      return grant.tokens;
    case 'invalid-grant':
      throw loginRefusals.codeRefused();
    case 'unavailable':
      throw grant.reason === 'client-refused' || grant.reason === 'malformed'
        ? loginRefusals.failed()
        : loginRefusals.unavailable();
  }
}

/** The refusal inside what the library made of it (`InternalOAuthError`), if it is one. */
export function refusalIn(error: unknown): GatewayError | undefined {
  if (error instanceof GatewayError) return error;
  return error instanceof OAuth2Strategy.InternalOAuthError && error.oauthError instanceof GatewayError
    ? error.oauthError
    : undefined;
}
