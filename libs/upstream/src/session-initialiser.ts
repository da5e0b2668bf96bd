import { type ApiName, type Clock, type SessionId, SingleFlight, type UserId } from '@gw/kernel';
import { type Locks } from '@gw/ownership';
import { type ApiSession, RECOVERY_INTERVAL_MS } from './api-session.js';
import { type BearerSource } from './bearer-source.js';
import { statusCodeOf } from './json-body.js';
import { type Initialised, type WithoutBearer } from './outcomes.js';
import { type SessionInit } from './profile.js';
import { type UpstreamEvents } from './upstream-events.js';
import { type UpstreamResponse } from './upstream-http.js';
import { type UserCalls } from './user-calls.js';
import { type UserStates } from './user-states.js';

export type InitialisedListener = (user: UserId, api: ApiName) => void;

/** For those who wait for another instance's call, in milliseconds. */
const LOCK_MARGIN_MS = 5_000;
const BUSY_RETRY_MS = 1_000;

/** Makes upstream sessions: one call at a time for a (user, API) in the cluster, shared by whoever needs it. */
export class SessionInitialiser {
  readonly #running = new SingleFlight<ApiSession, Initialised>();
  readonly #listeners = new Set<InitialisedListener>();

  constructor(
    private readonly calls: UserCalls,
    private readonly bearers: BearerSource,
    private readonly clock: Clock,
    private readonly events: UpstreamEvents,
    private readonly timeoutMs: number,
    private readonly locks: Locks,
    private readonly states: () => UserStates,
  ) {}

  onInitialised(listener: InitialisedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Makes the first session if there was none. A refusal is repeated from memory for a few seconds. */
  async ensure(session: ApiSession, id?: SessionId): Promise<Initialised> {
    if (!session.needsInitialising) return { kind: 'initialised', fresh: false };
    const refusal = this.#rememberedRefusal(session);
    if (refusal?.kind === 'refused') return refusal;
    return this.#running.run(session, () => this.#inTurn(session, () => this.#initialise(session, id)));
  }

  /** It was tried a moment ago, and the upstream was out of order. */
  hasFailed(session: ApiSession): boolean {
    return this.#rememberedRefusal(session)?.kind === 'failed';
  }

  /** Somebody else has made one. */
  renewed({ user, api }: ApiSession): void {
    for (const listener of [...this.#listeners]) listener(user, api.name);
  }

  /** Replaces a session that the upstream has lost, unless that was tried a moment ago. */
  async replace(session: ApiSession, id?: SessionId): Promise<boolean> {
    const outcome = session.needsInitialising
      ? await this.ensure(session, id)
      : await this.#running.run(session, () => this.#inTurn(session, () => this.#replace(session, id)));
    return outcome.kind === 'initialised';
  }

  #rememberedRefusal({ lastRefusal }: ApiSession): Initialised | undefined {
    const isRecent = lastRefusal && this.clock.now() - lastRefusal.at < RECOVERY_INTERVAL_MS;
    return isRecent ? lastRefusal.outcome : undefined;
  }

  /** Whoever had the turn before may have made the session that we are about to make. */
  async #inTurn(session: ApiSession, act: () => Promise<Initialised>): Promise<Initialised> {
    const { user, api, generation } = session;
    if (!api.sessionInit) return act();
    const waitMs = this.timeoutMs + LOCK_MARGIN_MS;
    const turn = await this.locks.run(`init:${user}:${api.name}`, waitMs, async () => {
      await this.states().load(user);
      const isMade = session.generation !== generation && !session.needsInitialising;
      return isMade ? ({ kind: 'initialised', fresh: false } as const) : act();
    });
    return turn.kind === 'done' ? turn.value : { kind: 'unavailable', retryAfterMs: BUSY_RETRY_MS };
  }

  async #replace(session: ApiSession, id?: SessionId): Promise<Initialised> {
    if (session.guard.admits('session', this.clock.now())) return this.#initialise(session, id);
    return session.lastRefusal?.outcome ?? { kind: 'refused', status: 403 };
  }

  async #initialise(session: ApiSession, id?: SessionId): Promise<Initialised> {
    const { sessionInit } = session.api;
    if (!sessionInit) return { kind: 'initialised', fresh: false };
    const response = await this.#call(session, sessionInit, id);
    if ('kind' in response) return response;
    const code = statusCodeOf(response.body);
    if (isAccepted(sessionInit, response.status, code)) return this.#succeeded(session);
    const outcome = refusal(response.status, code);
    session.lastRefusal = { at: this.clock.now(), outcome };
    this.events.initRefused(session.user, session.api.name, response.status, code);
    return outcome;
  }

  async #call(
    session: ApiSession,
    { method, path }: SessionInit,
    id?: SessionId,
  ): Promise<UpstreamResponse | WithoutBearer> {
    const bearer = await this.bearers.bearer(session.user, id);
    if (bearer.kind !== 'token') return bearer;
    const call = { method, path, timeoutMs: this.timeoutMs };
    const response = await this.calls.send(session, bearer.token, call);
    if (response.status !== 401) return response;
    const other = await this.bearers.replace(session.user, bearer.token, id);
    if (other.kind !== 'token') return other;
    return this.calls.send(session, other.token, call);
  }

  async #succeeded(session: ApiSession): Promise<Initialised> {
    const { user, api } = session;
    session.generation = await this.states().initialised(session);
    session.isWorthless = false;
    session.lastRefusal = undefined;
    this.events.initialised(user, api.name, session.generation);
    for (const listener of [...this.#listeners]) listener(user, api.name);
    return { kind: 'initialised', fresh: true };
  }
}

function isAccepted(init: SessionInit, status: number, code: number | undefined): boolean {
  if (status < 200 || status > 299) return false;
  return !init.acceptedCodes || (code !== undefined && init.acceptedCodes.includes(code));
}

/** An error of the server, or an answer that makes no sense, says nothing of the user. */
function refusal(status: number, code: number | undefined): Initialised {
  const isOutOfOrder = status >= 500 || status === 408 || status === 429;
  const isUnreadable = status >= 200 && status <= 299 && code === undefined;
  return isOutOfOrder || isUnreadable ? { kind: 'failed', status } : { kind: 'refused', status, code };
}
