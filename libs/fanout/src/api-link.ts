import { type ConnectionState } from '@gw/contract';
import { type ApiName, GatewayError, type InstanceId, type Timer, type UserId } from '@gw/kernel';
import { type BoardView, type ConnectionView, type Taken } from '@gw/ownership';
import { type SubscriptionState } from './asked-channels.js';
import { type CometdApi } from './channel-policy.js';
import { type ConnectionContext, type ConnectionListener } from './connection-context.js';
import { giveBack } from './give-back.js';
import { UpstreamConnection } from './upstream-connection.js';

export interface ApiLinkHost {
  /** Sequence of the journal's head, as far as this instance has heard. */
  headSequence(): number;
  /** As the clients at this instance are to be told. */
  stateChanged(api: ApiName, state: ConnectionState, reason: string | undefined): void;
  /** The whole board, as the link has just read it. */
  seen(view: BoardView): void;
  /** Something may have changed that only the board knows. */
  lookAgain(): void;
}

/** What the clients at an instance want. */
type Wish = readonly [InstanceId, readonly string[]];

interface Waiting {
  readonly channel: string;
  settle(outcome: SubscriptionState | 'refused'): void;
}

/** How long a channel that another instance subscribes may take before it is called pending, in milliseconds. */
const SUBSCRIBED_WITHIN_MS = 5_000;

/**
 * This instance's side of a user's connection to one API: what its clients want, and either the connection
 * itself, when the lease is ours, or what its owner reports.
 */
export class ApiLink implements ConnectionListener {
  readonly #holders = new Map<string, number>();
  #waiting: readonly Waiting[] = [];
  #view: ConnectionView | undefined;
  #connection: UpstreamConnection | undefined;
  #state: ConnectionState = 'connecting';
  #reason: string | undefined;
  #wished = '[]';
  #wishing: Promise<void> = Promise.resolve();
  #wishesUnderWay = 0;
  #claiming: Promise<void> | undefined;
  #handingOver: Promise<void> | undefined;
  #closed: 'end' | 'hand-over' | undefined;

  constructor(
    private readonly user: UserId,
    private readonly api: CometdApi,
    private readonly context: ConnectionContext,
    private readonly host: ApiLinkHost,
  ) {}

  get state(): ConnectionState {
    return this.#state;
  }

  get isOwner(): boolean {
    return this.#connection !== undefined;
  }

  /** Clients at other instances want something of it. */
  get isWantedElsewhere(): boolean {
    return this.#wishesElsewhere().length > 0;
  }

  /** We are about to leave, and another instance that is not wants it: a better place for it. */
  get #hasSuccessor(): boolean {
    const { instances } = this.context;
    const lasts = ([instance]: Wish) => !instances.isLeaving(instance);
    return instances.isLeaving(instances.self) && this.#wishesElsewhere().some(lasts);
  }

  hold(channel: string): void {
    this.#holders.set(channel, (this.#holders.get(channel) ?? 0) + 1);
    this.#tellConnection();
    this.#connection?.clientCame();
  }

  release(channel: string): void {
    const holders = this.#holders.get(channel) ?? 0;
    if (holders > 1) this.#holders.set(channel, holders - 1);
    else this.#holders.delete(channel);
    this.#tellConnection();
  }

  /** Puts on the board what is wanted here, unless it says so already. Resolves when it does. */
  wish(): Promise<void> {
    this.#wishesUnderWay += 1;
    const wishing = this.#wishing
      .catch(() => {})
      .then(() => this.#wish())
      .finally(() => (this.#wishesUnderWay -= 1));
    this.#wishing = wishing;
    return wishing;
  }

  /** Says again what is wanted, and that the lease is held: what nobody renews disappears with time. */
  async renew(): Promise<void> {
    if (this.#holders.size > 0) this.#wished = '';
    await this.wish();
    const connection = this.#connection;
    if (!connection) return;
    const isOurs = await this.context.leases.confirm(this.user, this.api.name, connection.lease);
    if (!isOurs) this.host.lookAgain();
  }

  /** Whether `channel` was listened to ever since the journal's head was at `sequence`. */
  coversSince(channel: string, sequence: number): boolean {
    if (this.#connection) return this.#connection.coversSince(channel, sequence);
    const since = this.#view?.report?.channels[channel];
    return since !== undefined && since <= sequence;
  }

  /** For a channel that is held and wished. @throws {GatewayError} `subscription_refused`. */
  async subscribe(channel: string): Promise<SubscriptionState> {
    if (this.#connection) return this.#connection.subscribe(channel);
    const outcome = this.#outcomeOf(channel) ?? (await this.#untilSettled(channel));
    if (outcome !== 'refused') return outcome;
    throw new GatewayError('subscription_refused', 'forbidden', 'the upstream refuses this channel');
  }

  /** @throws {GatewayError} `publish_failed`. */
  async publish(channel: string, data: unknown): Promise<void> {
    if (this.#connection) return this.#connection.publish(channel, data);
    if (await this.context.board.publish(this.user, this.api.name, channel, data)) return;
    throw new GatewayError('publish_failed', 'unavailable', 'the upstream did not take the message');
  }

  /** There is a new upstream session below. */
  initialised(): void {
    this.#connection?.initialised();
  }

  /** Other instances came or went. Resolves when it is known whether what is to be claimed is ours. Never throws. */
  async reapply(): Promise<void> {
    this.apply(this.#view);
    await this.#claiming;
  }

  /** Resolves when it is known whether what is being claimed is ours. Never throws. */
  async claimed(): Promise<void> {
    await this.#claiming;
  }

  /** The connection here says so. */
  stateChanged(state: ConnectionState, reason?: string): void {
    this.#set(state, reason);
  }

  /** The connection here says so. */
  ownershipLost(): void {
    this.#connection = undefined;
    this.host.lookAgain();
  }

  /** What the board says now. */
  apply(view: ConnectionView | undefined): void {
    if (this.#closed) return;
    const wishedBefore = this.#connection && JSON.stringify(this.#wishesElsewhere());
    this.#view = view;
    if (this.#connection && !this.#isOurs(view)) this.#lost();
    if (this.#connection && this.#hasSuccessor) this.#handOver(this.#connection);
    this.#tellConnection();
    if (this.#connection && JSON.stringify(this.#wishesElsewhere()) !== wishedBefore)
      this.#connection.clientCame();
    if (!this.#connection) this.#follow(view);
    this.#wishAgainIfGone(view);
    for (const waiting of this.#waiting) {
      const outcome = this.#outcomeOf(waiting.channel);
      if (outcome) waiting.settle(outcome);
    }
    if (this.#shouldClaim(view)) this.#claiming = this.#claim().finally(() => (this.#claiming = undefined));
  }

  /** Stops and takes the wishes of this instance back; an owned session ends upstream, or goes to the next owner. */
  async close(how: 'end' | 'hand-over'): Promise<void> {
    this.#closed = how;
    for (const waiting of this.#waiting) waiting.settle('pending');
    this.#holders.clear();
    const connection = this.#connection;
    this.#connection = undefined;
    const isLeftBehind = !connection && this.#isHeldByUs(this.#view);
    // First, so that nobody is thought to want what is just being ended.
    await this.wish().catch((error: unknown) => {
      this.context.events.boardFailed(this.user, error);
      this.context.leftBehind(this.user);
    });
    if (isLeftBehind) this.context.leftBehind(this.user);
    await this.#handingOver;
    if (how === 'end') await connection?.close();
    // Where nobody waits for it, the survivors find it among what we have left behind, and go on.
    else if (this.isWantedElsewhere || this.context.instances.successors() === 0)
      await connection?.handOver();
    else connection?.abandon();
  }

  /** We cannot reach the shared state for so long that another instance may have gone on without us. */
  suspend(): void {
    if (!this.#connection) return;
    this.#connection.abandon();
    this.#connection = undefined;
    this.#set('interrupted', 'state_unavailable');
  }

  async #wish(): Promise<void> {
    const channels = [...this.#holders.keys()].sort();
    const text = JSON.stringify(channels);
    if (text === this.#wished) return;
    this.#wished = text;
    try {
      this.host.seen(await this.context.board.wish(this.user, this.api.name, channels));
    } catch (error) {
      this.#wished = '';
      throw error;
    }
  }

  /** A view from before our own claim may still arrive; only a later holder, or none at all, is news. */
  #isOurs(view: ConnectionView | undefined): boolean {
    return view?.lease !== undefined && view.lease.fencing <= (this.#connection?.lease.fencing ?? 0);
  }

  #isHeldByUs(view: ConnectionView | undefined): boolean {
    return view?.lease?.holder === this.context.instances.self;
  }

  /**
   * What the board shows of our wishes is not what we put there last: others have withdrawn them, who thought us dead,
   * or they are from a time when we could not take them back.
   */
  #wishAgainIfGone(view: ConnectionView | undefined): void {
    const shown = view?.wishes.get(this.context.instances.self) ?? [];
    if (this.#wishesUnderWay > 0 || JSON.stringify([...shown].sort()) === this.#wished) return;
    this.#wished = '';
    this.wish().catch((error: unknown) => {
      this.context.events.boardFailed(this.user, error);
      this.host.lookAgain();
    });
  }

  /** Clients here go on hearing of it, as those at any instance that is not the owner. */
  #handOver(connection: UpstreamConnection): void {
    this.#connection = undefined;
    this.#handingOver = connection.handOver();
  }

  #lost(): void {
    this.#connection?.abandon();
    this.#connection = undefined;
    this.context.events.ownershipLost(this.user, this.api.name);
  }

  /** Wanted by somebody, or left behind by an owner that is gone, and nobody living has it. */
  #shouldClaim(view: ConnectionView | undefined): boolean {
    if (this.#connection || this.#claiming) return false;
    const { instances } = this.context;
    if (instances.isLeaving(instances.self)) return false;
    const holder = view?.lease?.holder;
    // Ours, but not run by us: from before we were cut off.
    if (holder !== undefined && holder !== instances.self && instances.isAlive(holder)) return false;
    return this.#holders.size > 0 || this.isWantedElsewhere || view?.report !== undefined;
  }

  async #claim(): Promise<void> {
    const { leases, events } = this.context;
    try {
      const claim = await leases.claim(this.user, this.api.name);
      if (claim.kind === 'granted') this.#own(claim);
      else if (claim.lease.holder === this.context.instances.self) {
        this.#own(await leases.seize(this.user, this.api.name));
      }
    } catch (error) {
      events.boardFailed(this.user, error);
      // It may have become ours all the same.
      if (this.#closed) this.context.leftBehind(this.user);
      else this.host.lookAgain();
    }
  }

  #own({ lease, saved }: Taken): void {
    if (this.#closed) {
      // Came too late for us; where nobody else goes on with it, nothing of it is to stay.
      const then = this.#closed === 'hand-over' || this.isWantedElsewhere ? 'keep' : 'forget';
      void giveBack(this.context, this.user, this.api.name, lease, then);
      return;
    }
    const report = this.#view?.report;
    if (saved) this.context.events.tookOver(this.user, this.api.name);
    this.#connection = new UpstreamConnection(
      this.user,
      this.api,
      this.context,
      { lease, saved, report },
      this,
    );
    // So that the view that is on its way, with this very lease, is not taken for a loss.
    this.#view = { report, wishes: this.#view?.wishes ?? new Map(), lease };
    // Where it goes on from what was reported, it tells of changes only.
    this.#set(this.#connection.state, report?.reason);
    this.#tellConnection();
    this.#connection.start();
  }

  #follow(view: ConnectionView | undefined): void {
    const isRun = view?.lease !== undefined && this.context.instances.isAlive(view.lease.holder);
    // Between two owners nothing is told: the next one goes on where the last one was.
    if (isRun && view.report) this.#set(view.report.state, view.report.reason);
  }

  #set(state: ConnectionState, reason: string | undefined): void {
    if (this.#closed || (state === this.#state && reason === this.#reason)) return;
    this.#state = state;
    this.#reason = reason;
    this.host.stateChanged(this.api.name, state, reason);
  }

  #tellConnection(): void {
    if (!this.#connection) return;
    const wanted = new Set(this.#holders.keys());
    for (const [, channels] of this.#wishesElsewhere()) for (const channel of channels) wanted.add(channel);
    this.#connection.want(wanted, this.host.headSequence());
  }

  #wishesElsewhere(): Wish[] {
    const { instances } = this.context;
    const isElsewhere = ([instance]: Wish) => instance !== instances.self && instances.isAlive(instance);
    return [...(this.#view?.wishes ?? [])].filter(isElsewhere);
  }

  #outcomeOf(channel: string): SubscriptionState | 'refused' | undefined {
    const report = this.#view?.report;
    if (!report) return undefined;
    if (report.refused.includes(channel)) return 'refused';
    if (report.channels[channel] === undefined) return undefined;
    return report.state === 'connected' ? 'active' : 'pending';
  }

  #untilSettled(channel: string): Promise<SubscriptionState | 'refused'> {
    return new Promise((resolve) => {
      const waiting: Waiting = {
        channel,
        settle: (outcome) => {
          deadline.cancel();
          this.#waiting = this.#waiting.filter((each) => each !== waiting);
          resolve(outcome);
        },
      };
      const deadline: Timer = this.context.clock.schedule(
        () => waiting.settle('pending'),
        SUBSCRIBED_WITHIN_MS,
      );
      this.#waiting = [...this.#waiting, waiting];
    });
  }
}
