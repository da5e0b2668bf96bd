import {
  Backoff,
  type BayeuxListener,
  type BayeuxSession,
  type BayeuxState,
  type Inbound,
  type SubscribeOutcome,
} from '@gw/bayeux';
import { type ConnectionState } from '@gw/contract';
import { GatewayError, type Timer, type UserId } from '@gw/kernel';
import { type NewEntry } from '@gw/journal';
import { type ConnectionReport, type Lease, type SavedState } from '@gw/ownership';
import { AskedChannels, type SubscriptionState } from './asked-channels.js';
import { type CometdApi } from './channel-policy.js';
import { type ConnectionContext, type ConnectionListener, type Ownership } from './connection-context.js';
import { giveBack } from './give-back.js';
import { Interest } from './interest.js';
import { type ReadinessOutcome, ReadinessWatch } from './readiness-watch.js';
import { ReportWriter } from './report-writer.js';
import { SessionIdentity } from './session-identity.js';
import { type Right, UserBayeuxHttp } from './user-bayeux-http.js';

/** Out of reach of the shared state for this long, others may take over what we own, in milliseconds. */
const IN_DOUBT_AFTER_MS = 3_000;

/**
 * While an upstream refuses a user, it is asked again this seldom: for most agents, Provisioning will
 * never do anything else.
 */
const REFUSED_AGAIN = { firstMs: 30_000, baseMs: 30_000, maxMs: 900_000 };
const UNAVAILABLE_AGAIN = { firstMs: 1_000, baseMs: 1_000, maxMs: 60_000 };

/**
 * The one CometD session of a user at an API, at the instance that owns it, from the session-init call to the journal, and its state
 * as clients see it: `connecting` until it delivers, `connected`, `interrupted` while it is being
 * repaired, `refused` while the upstream does not want this user.
 */
export class UpstreamConnection implements BayeuxListener {
  readonly #interest: Interest;
  readonly #reports: ReportWriter;
  readonly #asked = new AskedChannels(
    async (channel) => (await this.#session?.subscribe(channel)) ?? 'pending',
    (channel, outcome) => this.#answered(channel, outcome),
  );
  readonly #refusals = new Backoff(REFUSED_AGAIN);
  readonly #failures = new Backoff(UNAVAILABLE_AGAIN);
  readonly #right: Right = {
    confirm: () => this.#confirm(),
    isInDoubt: () => this.context.instances.cutOffMs() >= IN_DOUBT_AFTER_MS,
  };
  readonly #identity: SessionIdentity;
  readonly #wasReady: boolean;
  #http: UserBayeuxHttp | undefined;
  #session: BayeuxSession | undefined;
  /** The session before, which may still be ending: there is never a second one beside it. */
  #ending: Promise<void> = Promise.resolve();
  #readiness: ReadinessWatch | undefined;
  #again: Timer | undefined;
  #state: ConnectionState = 'connecting';
  #reason: string | undefined;
  #sessionState: BayeuxState = 'connecting';
  /** Going on with a session that was connected: nobody need hear of it, if it works. */
  #resuming = false;
  #closed = false;

  constructor(
    private readonly user: UserId,
    private readonly api: CometdApi,
    private readonly context: ConnectionContext,
    private readonly ownership: Ownership,
    private readonly listener: ConnectionListener,
  ) {
    const { board, clock, lingerMs } = context;
    const { lease, report } = ownership;
    this.#identity = new SessionIdentity(ownership.saved, report?.session);
    this.#wasReady = report?.state === 'connected';
    this.#interest = new Interest(lingerMs, clock, (channel) => this.#unsubscribe(channel));
    const resumed = this.#identity.isInherited ? report : undefined;
    if (resumed) {
      this.#interest.restore(resumed.channels);
      this.#state = resumed.state;
    }
    const write = (next: ConnectionReport) => board.report(user, api.name, lease, next);
    this.#reports = new ReportWriter(write, clock, () => this.#lose(), resumed);
  }

  get lease(): Lease {
    return this.ownership.lease;
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

  /** What the clients at all instances want from now on. */
  want(channels: ReadonlySet<string>, headSequence: number): void {
    const { readiness } = this.api.cometd;
    // Whether or not a client wants to hear it: we do.
    const wanted = readiness ? new Set([readiness.channel, ...channels]) : channels;
    for (const channel of this.#interest.want(wanted, headSequence)) {
      if (this.#session) this.#asked.subscribe(channel).catch(() => {});
      else this.#interest.settle(channel);
    }
    this.#report();
  }

  /** Whoever came may have signed in anew, after nobody was any more. */
  clientCame(): void {
    if (!this.#again || this.#reason !== 'signed_out') return;
    this.#again.cancel();
    this.#set('connecting');
    this.start();
  }

  coversSince(channel: string, sequence: number): boolean {
    return this.#interest.coversSince(channel, sequence);
  }

  /** For a channel that is wanted. @throws {GatewayError} `subscription_refused`. */
  async subscribe(channel: string): Promise<SubscriptionState> {
    return this.#session ? this.#asked.subscribe(channel) : 'pending';
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

  /** Ends the session upstream, and with it the lease. Never throws. */
  async close(): Promise<void> {
    this.#stop();
    await Promise.all([this.#ending, this.#session?.close()]);
    await this.#release('forget');
  }

  /** Stops without telling the upstream: whoever takes the lease next goes on with the session. */
  async handOver(): Promise<void> {
    this.abandon();
    await this.#ending;
    await this.#release('keep');
  }

  /** Stops at once, tells nobody, and keeps the lease, if it still is ours. */
  abandon(): void {
    this.#stop();
    this.#session?.abandon();
  }

  async receive({ sessionStart, loss, messages, follows, state, mark }: Inbound): Promise<void> {
    const { journal, clock, events } = this.context;
    const api = this.api.name;
    const receivedAt = clock.now();
    if (sessionStart) this.#identity.begun();
    const entries: NewEntry[] = messages.map(({ channel, data }) => {
      return { kind: 'notification', api, channel, data, receivedAt };
    });
    if (loss) entries.unshift({ kind: 'loss', api });
    if (sessionStart) entries.unshift({ kind: 'session-start', api });
    try {
      await journal.append(this.user, entries, {
        api,
        lease: this.lease,
        follows,
        saved: this.#toSave(state, mark),
      });
    } catch (error) {
      events.journalFailed(this.user, api, error);
      if (error instanceof GatewayError && error.code === 'ownership_lost') this.#lose();
      throw error;
    }
    if (messages.length > 0) events.journaled(this.user, api, messages.length);
    for (const { channel, data } of messages) this.#readiness?.observe(channel, data);
  }

  stateChanged(state: BayeuxState, reason?: string): void {
    if (this.#closed || (this.#resuming && state === 'connecting')) return;
    this.#resuming = false;
    this.#sessionState = state;
    if (state === 'refused') {
      this.#startAgain('refused', reason, this.#refusals.next());
      return;
    }
    if (state === 'connected') {
      this.#failures.reset();
      this.#identity.subscribed();
    }
    this.#tell(reason);
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
      case 'failed':
        this.#startAgain('interrupted', 'initialization_unavailable', this.#failures.next());
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
    const { upstream, bayeux, clock } = this.context;
    const { user, api } = this;
    const left = this.#identity.takeLeft(upstream.generation(user, api.name));
    const saved = fresh ? undefined : left;
    const url = upstream.originOf(api.name) + api.cometd.path;
    this.#http = new UserBayeuxHttp({ user, api, upstream, right: this.#right, clock, saved });
    this.#session = bayeux.create(api.name, url, this.#http, this);
    const { channels, coverage } = this.#interest;
    if (!saved || !this.#wasReady) this.#watchReadiness(fresh);
    this.#resuming = saved !== undefined && this.#wasReady;
    // The owner before may have died between its handshake and its subscriptions.
    const isSubscribed = this.#identity.subscribedName !== undefined;
    if (saved) {
      const from = { state: saved.bayeux, mark: saved.mark };
      this.#session.resume(from, isSubscribed ? Object.keys(coverage) : [], channels);
    } else this.#session.start(channels);
    for (const channel of channels) this.#interest.settle(channel);
  }

  #toSave(bayeux: string, mark: string | undefined): SavedState | undefined {
    const { browserCookie, generation } = this.#http ?? {};
    if (generation === undefined) return undefined;
    return this.#identity.toSave({ bayeux, browserCookie, generation }, mark);
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
    this.#tell(outcome === 'unconfirmed' ? 'initialization_unconfirmed' : undefined);
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

  #tell(reason?: string): void {
    const waits = this.#sessionState === 'connected' && this.#readiness !== undefined;
    const state = waits ? 'connecting' : this.#sessionState;
    // Only now: an API can initialise well and refuse its Bayeux session all the same.
    if (state === 'connected') this.#refusals.reset();
    this.#set(state, reason);
  }

  #set(state: ConnectionState, reason?: string): void {
    if (this.#closed || state === this.#state) return;
    this.#state = state;
    this.#reason = reason;
    this.context.events.upstreamChanged(this.user, this.api.name, state, reason);
    this.listener.stateChanged(state, reason);
    this.#report();
  }

  #answered(channel: string, outcome: SubscribeOutcome): void {
    if (outcome === 'pending') this.#identity.inDoubt();
    if (outcome !== 'refused') this.#interest.settle(channel);
    this.#report();
  }

  #unsubscribe(channel: string): void {
    this.#asked.forget(channel);
    this.#session?.unsubscribe(channel);
    this.#report();
  }

  #report(): void {
    if (this.#closed) return;
    this.#reports.put({
      state: this.#state,
      reason: this.#reason,
      channels: this.#interest.coverage,
      refused: this.#asked.refused,
      session: this.#identity.subscribedName,
    });
  }

  async #confirm(): Promise<boolean> {
    const isOurs = await this.context.leases.confirm(this.user, this.api.name, this.lease);
    if (!isOurs) this.#lose();
    return isOurs;
  }

  #lose(): void {
    if (this.#closed) return;
    this.abandon();
    this.context.events.ownershipLost(this.user, this.api.name);
    this.listener.ownershipLost();
  }

  #stop(): void {
    this.#closed = true;
    this.#again?.cancel();
    this.#readiness?.close();
    this.#interest.close();
    this.#reports.close();
  }

  #release(then: 'keep' | 'forget'): Promise<void> {
    return giveBack(this.context, this.user, this.api.name, this.lease, then);
  }
}
