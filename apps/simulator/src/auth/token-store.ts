import { randomUUID } from 'node:crypto';
import { type Clock } from '@gw/kernel';
import { type Secrets } from '../control/secrets.js';

export interface Grant {
  readonly user: string;
  readonly clientId: string;
  /** The browser's login session that the grant came from; the password grant has none. */
  readonly loginSession: string | undefined;
}

export interface IssuedTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInS: number;
}

interface Token {
  readonly grant: Grant;
  expiresAt: number;
}

export interface TokenLifetimes {
  readonly accessTokenTtlS: number;
  readonly refreshTokenTtlS: number;
  readonly rotateRefreshTokens: boolean;
}

/** Beyond it the oldest tokens are revoked. */
const MAX_TOKENS = 100_000;

/** Opaque tokens, their owners and their lives. Times are ms since the epoch. */
export class TokenStore {
  readonly #access = new Map<string, Token>();
  readonly #refresh = new Map<string, Token>();

  constructor(
    private readonly clock: Clock,
    private readonly secrets: Secrets,
    private readonly lifetimes: TokenLifetimes,
  ) {}

  issue(grant: Grant): IssuedTokens {
    return this.#withAccessToken(grant, this.#add(this.#refresh, grant, this.lifetimes.refreshTokenTtlS));
  }

  /** Undefined when the refresh token is unknown, used up, expired or another client's. */
  refresh(refreshToken: string, clientId: string): IssuedTokens | undefined {
    const token = this.#live(this.#refresh, refreshToken);
    if (token?.grant.clientId !== clientId) return undefined;
    if (!this.lifetimes.rotateRefreshTokens) return this.#withAccessToken(token.grant, refreshToken);
    this.#expire(token);
    return this.issue(token.grant);
  }

  /** Whose access token it is, while it is alive. */
  grantOf(accessToken: string | undefined): Grant | undefined {
    return accessToken === undefined ? undefined : this.#live(this.#access, accessToken)?.grant;
  }

  /** Whose token it is or was. */
  ownerOf(token: string | undefined): string | undefined {
    if (token === undefined) return undefined;
    return (this.#access.get(token) ?? this.#refresh.get(token))?.grant.user;
  }

  /** Revokes the access token and the refresh tokens of the same grant; `global`: everything of that user. */
  signOut(accessToken: string, global: boolean): void {
    const grant = this.#access.get(accessToken)?.grant;
    if (!grant) return;
    this.#expireWhere([this.#access, this.#refresh], (token) =>
      global ? token.grant.user === grant.user : token.grant === grant,
    );
  }

  expireAccessTokens(user: string): void {
    this.#expireWhere([this.#access], ({ grant }) => grant.user === user);
  }

  revokeRefreshTokens(user: string): void {
    this.#expireWhere([this.#refresh], ({ grant }) => grant.user === user);
  }

  #withAccessToken(grant: Grant, refreshToken: string): IssuedTokens {
    const accessToken = this.#add(this.#access, grant, this.lifetimes.accessTokenTtlS);
    return { accessToken, refreshToken, expiresInS: this.lifetimes.accessTokenTtlS };
  }

  #add(tokens: Map<string, Token>, grant: Grant, ttlS: number): string {
    const value = this.secrets.add(grant.user, randomUUID());
    tokens.set(value, { grant, expiresAt: this.clock.now() + ttlS * 1_000 });
    const [oldest] = tokens.keys();
    if (tokens.size > MAX_TOKENS && oldest !== undefined) tokens.delete(oldest);
    return value;
  }

  #live(tokens: Map<string, Token>, value: string): Token | undefined {
    const token = tokens.get(value);
    return token && token.expiresAt > this.clock.now() ? token : undefined;
  }

  #expireWhere(stores: readonly Map<string, Token>[], which: (token: Token) => boolean): void {
    for (const store of stores) for (const token of store.values()) if (which(token)) this.#expire(token);
  }

  #expire(token: Token): void {
    token.expiresAt = 0;
  }
}
