import {
  after,
  type ApiName,
  type Clock,
  GatewayError,
  type Secret,
  type SessionId,
  type Soon,
  type UserId,
} from '@gw/kernel';
import { type Locks } from '@gw/ownership';
import { type ApiSession } from './api-session.js';
import { ApiSessions } from './api-sessions.js';
import { type BearerSource } from './bearer-source.js';
import { valueAt } from './json-body.js';
import {
  type Initialised,
  type Prepared,
  type ProbedReadiness,
  type UsedCredentials,
  type UserAnswer,
  type UserCall,
  type WithoutBearer,
} from './outcomes.js';
import { type UpstreamProfile } from './profile.js';
import { initialisationUnavailable } from './upstream-errors.js';
import { type InitialisedListener, SessionInitialiser } from './session-initialiser.js';
import { SessionRecovery } from './session-recovery.js';
import { type UpstreamEvents } from './upstream-events.js';
import { type UpstreamHttp } from './upstream-http.js';
import { type UpstreamStateStore } from './upstream-state-store.js';
import { UserCalls } from './user-calls.js';
import { UserStates } from './user-states.js';

export interface UpstreamSessionsOptions {
  /** Origin of the APIs that name none of their own. */
  readonly apiUrl: string;
  readonly apiKey?: Secret | undefined;
  /** Deadline of the calls made here, in milliseconds. */
  readonly timeoutMs: number;
}

/** What the instances share of their users' upstream sessions. */
export interface SharedUpstream {
  readonly states: UpstreamStateStore;
  readonly locks: Locks;
}

/** Logging out is a courtesy to the upstream; nobody waits longer for it. */
const LOGOUT_TIMEOUT_MS = 5_000;

/**
 * Every user's sessions at the upstream APIs: their cookies, and whether the session-init call was made.
 * REST and CometD both go through here, so they share one session.
 *
 * @throws {GatewayError} `upstream_unreachable` and `upstream_timeout`, from all that calls the upstream
 * unless it says otherwise.
 */
export class UpstreamSessions {
  readonly #sessions: ApiSessions;
  readonly #calls: UserCalls;
  readonly #initialiser: SessionInitialiser;
  readonly #recovery: SessionRecovery;
  readonly #states: UserStates;

  constructor(
    profile: UpstreamProfile,
    private readonly bearers: BearerSource,
    http: UpstreamHttp,
    clock: Clock,
    private readonly events: UpstreamEvents,
    private readonly options: UpstreamSessionsOptions,
    { states, locks }: SharedUpstream,
  ) {
    const browserCookies = new Set(profile.apis.flatMap((api) => api.cometd?.browserCookie ?? []));
    this.#sessions = new ApiSessions(profile, options.apiUrl, clock);
    this.#calls = new UserCalls(http, browserCookies, options.apiKey?.reveal(), (user, changes) =>
      this.#states.cookiesChanged(user, changes),
    );
    this.#initialiser = new SessionInitialiser(
      this.#calls,
      bearers,
      clock,
      events,
      options.timeoutMs,
      locks,
      () => this.#states,
    );
    this.#states = new UserStates(this.#sessions, states, clock, events, (session) =>
      this.#initialiser.renewed(session),
    );
    this.#recovery = new SessionRecovery(bearers, this.#initialiser, this.#calls, clock, options.timeoutMs);
  }

  /** Where the API is: scheme, host and port. */
  originOf(api: ApiName): string {
    return this.#sessions.originOf(api);
  }

  /**
   * What a request to `path` needs to be the user's own. Makes the upstream session first if there was
   * none; when that is refused, the request is still prepared, and the upstream's answer to it will tell.
   */
  prepare(user: UserId, api: ApiName, path: string, session?: SessionId): Soon<Prepared> {
    return after(this.#make(user, api, session), (made) => {
      if (made.kind !== 'token') return made;
      const { its, token } = made;
      const headers = its.headersFor(path, { token, apiKey: this.#calls.apiKey });
      return {
        kind: 'ready',
        headers,
        origin: its.origin,
        path: its.wirePath(path),
        token,
        generation: its.generation,
        session,
      };
    });
  }

  /** Takes the Set-Cookie lines of an answer, whatever its status. */
  remember(user: UserId, api: ApiName, setCookies: readonly string[]): void {
    this.#calls.remember(this.#sessions.of(user, api), setCookies);
  }

  async ensureInitialised(user: UserId, api: ApiName, session?: SessionId): Promise<Initialised> {
    await this.#states.ready(user);
    return this.#initialiser.ensure(this.#sessions.of(user, api), session);
  }

  /** After a refusal: whether to prepare the request anew and repeat it, once. */
  async recover(
    user: UserId,
    api: ApiName,
    status: 401 | 403,
    used: UsedCredentials,
  ): Promise<'repeat' | 'give-up'> {
    const recovered = await this.#recovery.recover(this.#sessions.of(user, api), status, used);
    if (recovered) this.events.recovered(user, api, status);
    else this.events.recoveryGivenUp(user, api, status);
    return recovered ? 'repeat' : 'give-up';
  }

  /** 0 before the first session; a Bayeux session belongs to the generation it was made in. */
  generation(user: UserId, api: ApiName): number {
    return this.#sessions.of(user, api).generation;
  }

  /** Calls `listener` each time a session has been made. Returns how to stop that. */
  onInitialised(listener: InitialisedListener): () => void {
    return this.#initialiser.onInitialised(listener);
  }

  /** The session is there but of no use (its initialisation failed): the next need makes another. */
  giveUp(user: UserId, api: ApiName): void {
    const session = this.#sessions.of(user, api);
    session.isWorthless = true;
    void this.#states.worthless(session);
  }

  /** Has what all instances know of the user known here as well. @throws {GatewayError} `state_unavailable`. */
  async load(user: UserId): Promise<void> {
    await this.#states.ready(user);
  }

  /**
   * One call of the user's, recovered and repeated once after a 401 or 403. Any status is an answer.
   *
   * @throws {GatewayError} also `initialization_unavailable`: it was refused for want of a session.
   */
  async request(user: UserId, api: ApiName, call: UserCall): Promise<UserAnswer> {
    for (let isFirst = true; ; isFirst = false) {
      const made = await this.#make(user, api, call.session);
      if (made.kind !== 'token') return made;
      const { its, token } = made;
      const { generation } = its;
      const response = await this.#calls.transmit(its, token, call);
      this.#calls.remember(its, response.setCookies);
      const answer = { kind: 'answered', ...response, generation } as const;
      const { status } = answer;
      if (!isFirst || (status !== 401 && status !== 403)) return answer;
      const used = { token, generation, session: call.session };
      if ((await this.recover(user, api, status, used)) === 'give-up') {
        if (this.#initialiser.hasFailed(its)) throw initialisationUnavailable();
        return answer;
      }
    }
  }

  /** Asks an asynchronously initialised API how far it is. Never throws: what cannot be read is unknown. */
  async probe(user: UserId, api: ApiName): Promise<ProbedReadiness> {
    const probe = this.#sessions.of(user, api).api.cometd?.readiness?.probe;
    if (!probe) return 'unknown';
    const call = { method: 'GET', path: probe.path, timeoutMs: this.options.timeoutMs };
    const answer = await unlessUpstreamFails(this.request(user, api, call));
    if (answer instanceof GatewayError || answer.kind !== 'answered') return 'unknown';
    const state = valueAt(answer.body, probe.pointer);
    if (state === probe.complete) return 'complete';
    if (state === probe.failed) return 'failed';
    return typeof state === 'string' ? 'pending' : 'unknown';
  }

  /** Ends the user's session at the upstream, if there is one. Never throws, and takes a few seconds at most. */
  async logout(user: UserId, api: ApiName): Promise<void> {
    if ((await unlessUpstreamFails(this.load(user))) instanceof GatewayError) return;
    const session = this.#sessions.known(user, api);
    const endpoint = session?.api.logout;
    if (!session || !endpoint || session.needsInitialising) return;
    const failure = await unlessUpstreamFails(this.#logout(session, endpoint.method, endpoint.path));
    if (failure) this.events.logoutFailed(user, api, failure);
  }

  /** Drops all that is known of the user, at every instance. Never throws. */
  async forget(user: UserId): Promise<void> {
    this.#sessions.forget(user);
    await this.#states.forget(user);
  }

  /** Writes what all instances are to know, and stops listening. */
  close(): Promise<void> {
    return this.#states.close();
  }

  async #logout(session: ApiSession, method: string, path: string): Promise<undefined> {
    const bearer = await this.bearers.bearer(session.user);
    if (bearer.kind !== 'token') return;
    const timeoutMs = Math.min(LOGOUT_TIMEOUT_MS, this.options.timeoutMs);
    await this.#calls.send(session, bearer.token, { method, path, timeoutMs });
  }

  /** The user's session at the API, made if there was none, and a bearer for it. */
  #make(user: UserId, api: ApiName, session?: SessionId): Soon<Made | WithoutBearer> {
    return after(this.#states.ready(user), () => {
      const its = this.#sessions.of(user, api);
      return its.needsInitialising ? this.#initialise(its, session) : this.#withBearer(its, session);
    });
  }

  async #initialise(its: ApiSession, session?: SessionId): Promise<Made | WithoutBearer> {
    const outcome = await this.#initialiser.ensure(its, session);
    if (outcome.kind === 'signed-out' || outcome.kind === 'unavailable') return outcome;
    return this.#withBearer(its, session);
  }

  #withBearer(its: ApiSession, session?: SessionId): Soon<Made | WithoutBearer> {
    return after(this.bearers.bearer(its.user, session), (bearer) =>
      bearer.kind === 'token' ? { kind: 'token', its, token: bearer.token } : bearer,
    );
  }
}

interface Made {
  readonly kind: 'token';
  readonly its: ApiSession;
  readonly token: string;
}

async function unlessUpstreamFails<T>(call: Promise<T>): Promise<T | GatewayError> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}
