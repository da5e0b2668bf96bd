import { asUserId, type Clock, Secret } from '@gw/kernel';
import { type SessionUser } from '@gw/sessions';
import { AuthorizationServer, type CodeExchange, type TokenGrant } from '../authorization-server.js';

/** An authorization server in memory: rotates refresh tokens, remembers what it was asked. */
export class FakeAuthorizationServer extends AuthorizationServer {
  readonly exchanges: CodeExchange[] = [];
  readonly redeemed: string[] = [];
  readonly signedOut: string[] = [];
  lifeMs = 300_000;
  user: SessionUser = { id: asUserId('anna'), userName: 'anna', displayName: 'Anna Schmidt' };
  /** Replaces the next answers, in order. */
  readonly answers: (TokenGrant | (() => Promise<TokenGrant>))[] = [];
  #issued = 0;

  constructor(private readonly clock: Clock) {
    super();
  }

  override async exchangeCode(exchange: CodeExchange): Promise<TokenGrant> {
    this.exchanges.push(exchange);
    return this.#answer();
  }

  override async refresh(refreshToken: Secret): Promise<TokenGrant> {
    this.redeemed.push(refreshToken.reveal());
    return this.#answer();
  }

  override async userInfo(): Promise<SessionUser> {
    return this.user;
  }

  override async signOut(accessToken: Secret): Promise<void> {
    this.signedOut.push(accessToken.reveal());
  }

  issue(): TokenGrant & { kind: 'tokens' } {
    this.#issued += 1;
    const obtainedAt = this.clock.now();
    const tokens = {
      accessToken: new Secret(`access-${this.#issued}`),
      refreshToken: new Secret(`refresh-${this.#issued}`),
      obtainedAt,
      expiresAt: obtainedAt + this.lifeMs,
    };
    return { kind: 'tokens', tokens };
  }

  async #answer(): Promise<TokenGrant> {
    const answer = this.answers.shift();
    if (typeof answer === 'function') return answer();
    return answer ?? this.issue();
  }
}
