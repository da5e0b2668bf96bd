import { Backoff, type BayeuxListener, type BayeuxSession, type BayeuxState, type Inbound } from '@gw/bayeux';
import { type ConnectionState } from '@gw/contract';
import { type Clock, GatewayError, type Timer, type UserId } from '@gw/kernel';
import { type Journal, type NewEntry } from '@gw/journal';
import { type UpstreamSessions } from '@gw/upstream';
import { type BayeuxSessions } from './bayeux-sessions.js';
import { type CometdApi } from './channel-policy.js';
import { type FanoutEvents } from './fanout-events.js';
import { Interest } from './interest.js';
import { type ReadinessOutcome, ReadinessWatch } from './readiness-watch.js';
import { UserBayeuxHttp } from './user-bayeux-http.js';

export interface ConnectionContext {
  readonly journal: Journal;
  readonly upstream: UpstreamSessions;
  readonly bayeux: BayeuxSessions;
  readonly clock: Clock;
  readonly events: FanoutEvents;
  readonly lingerMs: number;
}

export type SubscriptionState = 'active' | 'pending';

/**
 * While an upstream refuses a user, it is asked again this seldom: for most agents, Provisioning will
 * never do anything else.
 */
const REFUSED_AGAIN = { firstMs: 30_000, baseMs: 30_000, maxMs: 900_000 };
const UNAVAILABLE_AGAIN = { firstMs: 1_000, baseMs: 1_000, maxMs: 60_000 };

/**
 * The one CometD session of a user at an API, from the session-init call to the journal, and its state
 * as clients see it: `connecting` until it delivers, `connected`, `interrupted` while it is being
 * repaired, `refused` while the upstream does not want this user.
 */
export class UpstreamConnection implements BayeuxListener {
  readonly interest: Interest;
  readonly #refusals = new Backoff(REFUSED_AGAIN);
  readonly #failures = new Backoff(UNAVAILABLE_AGAIN);
  #session: BayeuxSession | undefined;
  /** The session before, which may still be ending: there is never a second one beside it. */
  #ending: Promise<void> = Promise.resolve();
  #readiness: ReadinessWatch | undefined;
  #again: Timer | undefined;
  #state: ConnectionState = 'connecting';
  #sessionState: BayeuxState = 'connecting';
  #closed = false;

  constructor(
    private readonly user: UserId,
    private readonly api: CometdApi,
    private readonly context: ConnectionContext,
    private readonly changed: (state: ConnectionState, reason?: string) => void,
    headSequence: number,
  ) {
    this.interest = new Interest(context.lingerMs, context.clock, (channel) =>
      this.#session?.unsubscribe(channel),
    );
    // Whether or not a client wants to hear it: we do.
    const { readiness } = api.cometd;
    if (readiness) this.interest.hold(readiness.channel, headSequence);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Begins to connect, now and again until closed. */
  start(): void {
    this.#again = undefined;
    this.#open().catch((error: unknown) => {
      this.context.events.connectFailed(this.user, this.api.name, error);
      const reason = error instanceof GatewayError ? error.code : 'internal_error';
      this.#startAgain('interrupted', reason, this.#failures.next());
    });
  }

  /** For a channel that `interest` has just begun to hold. */
  async subscribe(channel: string): Promise<SubscriptionState> {
    if (!this.#session) return 'pending';
    const outcome = await this.#session.subscribe(channel);
    if (outcome === 'refused') {
      throw new GatewayError('subscription_refused', 'forbidden', 'the upstream refuses this channel');
    }
    return outcome;
  }

  /** @throws {GatewayError} `publish_failed`: not connected, or refused; it is not repeated. */
  async publish(channel: string, data: unknown): Promise<void> {
    if (!(await this.#session?.publish(channel, data))) {
      throw new GatewayError('publish_failed', 'unavailable', 'the upstream did not take the message');
    }
  }

  /**
   * There is a new upstream session below, which a REST call may have brought about: a Bayeux session of
   * the one before is worth nothing, and a wait after a refusal is over.
   */
  initialised(): void {
    if (this.#closed) return;
    if (this.#session) {
      this.#watchReadiness(true);
      this.#session.restart();
    } else if (this.#again) {
      this.#again.cancel();
      this.#set('connecting');
      this.start();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#again?.cancel();
    this.#readiness?.close();
    this.interest.close();
    await Promise.all([this.#ending, this.#session?.close()]);
  }

  async receive({ sessionStart, loss, messages }: Inbound): Promise<void> {
    const { journal, clock, events } = this.context;
    const api = this.api.name;
    const receivedAt = clock.now();
    const entries: NewEntry[] = messages.map(({ channel, data }) => {
      return { kind: 'notification', api, channel, data, receivedAt };
    });
    if (loss) entries.unshift({ kind: 'loss', api });
    if (sessionStart) entries.unshift({ kind: 'session-start', api });
    try {
      await journal.append(this.user, entries);
    } catch (error) {
      events.journalFailed(this.user, api, error);
      throw error;
    }
    if (messages.length > 0) events.journaled(this.user, api, messages.length);
    for (const { channel, data } of messages) this.#readiness?.observe(channel, data);
  }

  stateChanged(state: BayeuxState, reason?: string): void {
    if (this.#closed) return;
    this.#sessionState = state;
    if (state === 'refused') {
      this.#startAgain('refused', reason, this.#refusals.next());
      return;
    }
    if (state === 'connected') this.#failures.reset();
    this.#report(reason);
  }

  async #open(): Promise<void> {
    const { upstream } = this.context;
    await this.#ending;
    const initialised = await upstream.ensureInitialised(this.user, this.api.name);
    if (this.#closed) return;
    switch (initialised.kind) {
      case 'initialised':
        this.#connect(initialised.fresh);
        return;
      case 'refused':
        this.#startAgain('refused', 'initialization_refused', this.#refusals.next());
        return;
      case 'signed-out':
        this.#startAgain('refused', 'signed_out', this.#refusals.next());
        return;
      case 'unavailable':
        this.#startAgain('interrupted', 'token_unavailable', this.#failures.next());
        return;
    }
  }

  #connect(fresh: boolean): void {
    const { upstream, bayeux } = this.context;
    const url = upstream.originOf(this.api.name) + this.api.cometd.path;
    const http = new UserBayeuxHttp(this.user, this.api, upstream);
    this.#session = bayeux.create(this.api.name, url, http, this);
    this.#watchReadiness(fresh);
    this.#session.start(this.interest.channels);
  }

  #watchReadiness(fresh: boolean): void {
    this.#readiness?.close();
    const { readiness } = this.api.cometd;
    if (!readiness) return;
    const { upstream, clock } = this.context;
    const probe = () => upstream.probe(this.user, this.api.name);
    this.#readiness = new ReadinessWatch(readiness, probe, clock, (outcome) => this.#ready(outcome));
    this.#readiness.start(fresh);
  }

  #ready(outcome: ReadinessOutcome): void {
    this.#readiness = undefined;
    if (outcome === 'failed') {
      this.context.upstream.giveUp(this.user, this.api.name);
      this.#startAgain('refused', 'initialization_failed', this.#refusals.next());
      return;
    }
    this.#report(outcome === 'unconfirmed' ? 'initialization_unconfirmed' : undefined);
  }

  /** Gives the Bayeux session up and begins anew after `ms`. */
  #startAgain(state: ConnectionState, reason: string | undefined, ms: number): void {
    if (this.#closed) return;
    this.#readiness?.close();
    this.#readiness = undefined;
    const session = this.#session;
    this.#session = undefined;
    if (session) this.#ending = session.close();
    this.#sessionState = 'connecting';
    this.#set(state, reason);
    this.#again?.cancel();
    this.#again = this.context.clock.schedule(() => {
      this.#set('connecting');
      this.start();
    }, ms);
  }

  #report(reason?: string): void {
    const waits = this.#sessionState === 'connected' && this.#readiness !== undefined;
    const state = waits ? 'connecting' : this.#sessionState;
    // Only now: an API can initialise well and refuse its Bayeux session all the same.
    if (state === 'connected') this.#refusals.reset();
    this.#set(state, reason);
  }

  #set(state: ConnectionState, reason?: string): void {
    if (this.#closed || state === this.#state) return;
    this.#state = state;
    this.context.events.upstreamChanged(this.user, this.api.name, state, reason);
    this.changed(state, reason);
  }
}
