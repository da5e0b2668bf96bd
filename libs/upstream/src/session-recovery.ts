import { type Clock, GatewayError, SingleFlight } from '@gw/kernel';
import { type ApiSession } from './api-session.js';
import { type BearerSource } from './bearer-source.js';
import { type UsedCredentials } from './outcomes.js';
import { type SessionInitialiser } from './session-initialiser.js';
import { type UserCalls } from './user-calls.js';

/**
 * What to do about a 401 or 403: a new token, a new upstream session, or nothing. Concurrent losses of one
 * kind are repaired once, and each repair is attempted at most once in a few seconds.
 */
export class SessionRecovery {
  readonly #renewing = new SingleFlight<string, boolean>();
  readonly #asking = new SingleFlight<ApiSession, boolean>();

  constructor(
    private readonly bearers: BearerSource,
    private readonly initialiser: SessionInitialiser,
    private readonly calls: UserCalls,
    private readonly clock: Clock,
    private readonly timeoutMs: number,
  ) {}

  /** Whether a request that was refused may now succeed. */
  async recover(session: ApiSession, status: 401 | 403, used: UsedCredentials): Promise<boolean> {
    const bySession = session.api.sessionInit !== undefined;
    // Engage reports a lost session as 403; only a 401 speaks of the token.
    if (status === 403 && bySession) return this.#renewSession(session, used);
    if (await this.#renewBearer(session, used)) return true;
    return bySession && this.#renewSession(session, used);
  }

  async #renewSession(session: ApiSession, used: UsedCredentials): Promise<boolean> {
    if (session.generation !== used.generation) return true;
    // A user who may not do something gets 403 too; that must not cost the CometD session.
    if (await this.#asking.run(session, () => this.#isAlive(session, used))) return true;
    if (session.generation !== used.generation) return true;
    return this.initialiser.replace(session, used.session);
  }

  /** Whether the upstream still knows the session, where there is something to ask. */
  async #isAlive(session: ApiSession, used: UsedCredentials): Promise<boolean> {
    const path = session.api.cometd?.readiness?.probe.path;
    if (path === undefined) return false;
    try {
      const call = { method: 'GET', path, timeoutMs: this.timeoutMs };
      const { status } = await this.calls.send(session, used.token, call);
      return status >= 200 && status < 300;
    } catch (error) {
      if (error instanceof GatewayError) return false;
      throw error;
    }
  }

  async #renewBearer(session: ApiSession, used: UsedCredentials): Promise<boolean> {
    const { user, api } = session;
    const current = await this.bearers.bearer(user, used.session);
    if (current.kind !== 'token') return false;
    if (current.token !== used.token) return true;
    const key = `bearer ${used.session ?? ''}`;
    return this.#renewing.run(`${user}\n${api.name}\n${key}`, async () => {
      if (!session.guard.admits(key, this.clock.now())) return false;
      const next = await this.bearers.replace(user, used.token, used.session);
      return next.kind === 'token' && next.token !== used.token;
    });
  }
}
