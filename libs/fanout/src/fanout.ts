import { type ChannelRequest, type ConnectionState, type Cursor, type SessionUser } from '@gw/contract';
import { type ApiName, asUserId, type Clock, type InstanceId, type UserId } from '@gw/kernel';
import { type Journal, parseCursor, type Position } from '@gw/journal';
import { type Board, type Instances, type Leases } from '@gw/ownership';
import { type UpstreamProfile, type UpstreamSessions } from '@gw/upstream';
import { type SubscriptionState } from './asked-channels.js';
import { type Attachment } from './attachment.js';
import { type BayeuxSessions } from './bayeux-sessions.js';
import { ChannelPolicy, tooManyChannels } from './channel-policy.js';
import { type ClientSink } from './client-sink.js';
import { type ConnectionContext } from './connection-context.js';
import { type FanoutEvents } from './fanout-events.js';
import { Leftovers } from './leftovers.js';
import { RemoteEnd } from './remote-end.js';
import { atOnce, Takeover } from './takeover.js';
import { Upkeep } from './upkeep.js';
import { UserHub } from './user-hub.js';

export interface FanoutOptions {
  /** How long CometD sessions and channels outlive the last client that wanted them, in milliseconds. */
  readonly lingerMs: number;
  /** Whether others can go on with our CometD sessions when we leave; otherwise these are ended. Default false. */
  readonly handsOver?: boolean | undefined;
}

/** What the instances of a gateway share. */
export interface Shared {
  readonly journal: Journal;
  readonly instances: Instances;
  readonly leases: Leases;
  readonly board: Board;
}

export interface AttachRequest {
  readonly user: SessionUser;
  /** The last cursor that the client processed. */
  readonly after?: Cursor | undefined;
  /** Absent: the default channels of every API. */
  readonly channels?: readonly ChannelRequest[] | undefined;
  readonly sink: ClientSink;
}

/** An instance in figures. */
export interface Census {
  /** With clients here, or CometD sessions that this instance runs. */
  readonly users: number;
  readonly clients: number;
  /** CometD sessions that this instance runs. */
  readonly connections: readonly {
    readonly api: ApiName;
    readonly state: ConnectionState;
    readonly count: number;
  }[];
}

const CLOSING_AT_ONCE = 100;
const RENEWING_AT_ONCE = 10;
/** Users whose CometD sessions are claimed at a time when an instance came or went: a thousand at once would stall the event loop. */
const REAPPLYING_AT_ONCE = 50;

/** An attached client's handle. */
export interface AttachedClient {
  /**
   * `pending`: the upstream has not answered yet; it is asked until it does.
   *
   * @throws {GatewayError} `unknown_api`, `bad_channel`, `channel_not_allowed`, `too_many_channels`,
   * `subscription_refused`.
   */
  subscribe(request: ChannelRequest): Promise<SubscriptionState>;
  /** Also resolves for a channel that was not subscribed. @throws {GatewayError} as `subscribe`. */
  unsubscribe(request: ChannelRequest): void;
  /** @throws {GatewayError} as `subscribe`, and `publish_failed`. */
  publish(request: ChannelRequest, data: unknown): Promise<void>;
  /** Idempotent. */
  detach(): void;
}

/**
 * From each user's one CometD session per API, over the journal, to all of that user's clients. A
 * connection is opened when the first client wants its API, and closed `lingerMs` after the last left.
 */
export class Fanout {
  readonly #policy: ChannelPolicy;
  readonly #context: ConnectionContext;
  readonly #remote: RemoteEnd;
  readonly #takeover: Takeover;
  readonly #leftovers: Leftovers;
  readonly #upkeep: Upkeep;
  readonly #hubs = new Map<UserId, UserHub>();
  /** Of these users the CometD sessions are just being ended; new ones wait for that. */
  readonly #ending = new Map<UserId, Promise<void>>();
  readonly #stops: readonly (() => void)[];
  readonly #handsOver: boolean;
  #isClosed = false;

  constructor(
    profile: UpstreamProfile,
    { journal, instances, leases, board }: Shared,
    upstream: UpstreamSessions,
    bayeux: BayeuxSessions,
    clock: Clock,
    events: FanoutEvents,
    { lingerMs, handsOver = false }: FanoutOptions,
  ) {
    this.#policy = new ChannelPolicy(profile);
    const shared = { journal, instances, leases, board };
    this.#leftovers = new Leftovers(
      { ...shared, clock, events },
      (user) => this.#hubs.has(user) || this.#ending.has(user),
    );
    const leftBehind = (user: UserId) => this.#leftovers.note(user);
    this.#context = { ...shared, upstream, bayeux, clock, events, lingerMs, leftBehind };
    this.#handsOver = handsOver;
    this.#remote = new RemoteEnd(this.#policy, this.#context);
    this.#takeover = new Takeover(
      board,
      (user) => this.#adopt(user),
      (user, error) => events.takeoverFailed(user, error),
    );
    this.#upkeep = new Upkeep(instances, clock, {
      renew: () => this.#renewAll(),
      suspend: () => this.#eachHub((hub) => hub.suspend()),
      resume: () => this.#eachHub((hub) => hub.reconsider()),
    });
    this.#stops = [
      upstream.onInitialised((user, api) => this.#hubs.get(user)?.initialised(api)),
      instances.onGone((instance) => this.#gone(instance)),
      instances.onJoined(() => void this.#reapplyAll()),
      instances.onRejoined(() => this.#eachHub((hub) => hub.reconsider())),
    ];
  }

  /** From here on the instance keeps up what it owns, also while nothing happens. */
  start(): void {
    this.#upkeep.start();
  }

  /** What there is at this instance. */
  census(): Census {
    const connections = new Map<string, Census['connections'][number]>();
    let clients = 0;
    for (const hub of this.#hubs.values()) {
      clients += hub.clientCount;
      for (const { api, state } of hub.owned) {
        const key = `${api} ${state}`;
        connections.set(key, { api, state, count: (connections.get(key)?.count ?? 0) + 1 });
      }
    }
    return { users: this.#hubs.size, clients, connections: [...connections.values()] };
  }

  /** How many clients of the user are attached here. */
  clientsOf(user: UserId): number {
    return this.#hubs.get(user)?.clientCount ?? 0;
  }

  /**
   * Whether a client could attach, before it is told that it may connect.
   *
   * @throws {GatewayError} `unknown_api`, `bad_channel`, `channel_not_allowed`, `too_many_channels`,
   * `too_many_clients`.
   */
  check(user: UserId, channels: readonly ChannelRequest[] | undefined): void {
    this.#policy.filterFor(channels);
    this.#hubs.get(user)?.refuseIfFull();
  }

  /**
   * Sends `ready` to the client, then all else in order.
   *
   * @throws {GatewayError} `unknown_api`, `bad_channel`, `channel_not_allowed`, `too_many_channels`,
   * `too_many_clients`, or the journal's.
   */
  async attach({ user, after, channels, sink }: AttachRequest): Promise<AttachedClient> {
    const filter = this.#policy.filterFor(channels);
    const userId = asUserId(user.id);
    // Another end may have begun behind the one that was waited for.
    while (this.#ending.has(userId)) await this.#ending.get(userId);
    const hub = this.#hub(userId);
    const client = await hub.join({ user, after: positionOf(after), cursor: after, filter, sink });
    return new ClientOfHub(hub, client, this.#policy);
  }

  /**
   * Ends the user's CometD sessions now, at whatever instance they are, then does what is left to do
   * upstream; who attaches meanwhile waits for it. Resolves when the upstream knows, or has taken too long.
   */
  end(user: UserId, farewell: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    return this.#end(user, async () => {
      await this.#remote.end(user);
      await farewell();
    });
  }

  /**
   * After `Instances.announceLeave`: nothing is taken over any more, and each CometD session goes to another
   * instance as soon as that has clients for it. The clients here go on hearing everything.
   */
  retire(): void {
    this.#takeover.close();
    void this.#reapplyAll();
  }

  /** Lets go of everything: clients hear nothing more, CometD sessions go to other instances, or end. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
    this.#upkeep.close();
    this.#takeover.close();
    this.#leftovers.close();
    const hubs = [...this.#hubs];
    this.#hubs.clear();
    await atOnce(hubs, CLOSING_AT_ONCE, ([, hub]) => hub.close(this.#handsOver ? 'hand-over' : 'end'));
    await Promise.all(this.#ending.values());
  }

  #end(user: UserId, then: () => Promise<void>): Promise<void> {
    const hub = this.#hubs.get(user);
    const before = this.#ending.get(user);
    this.#hubs.delete(user);
    const ended = Promise.all([before, hub?.close()])
      .then(then)
      .finally(() => {
        if (this.#ending.get(user) === ended) this.#ending.delete(user);
      });
    this.#ending.set(user, ended);
    return ended;
  }

  #hub(user: UserId): UserHub {
    let hub = this.#hubs.get(user);
    if (!hub) {
      hub = new UserHub(user, this.#policy, this.#context, this.#emptied);
      this.#hubs.set(user, hub);
    }
    return hub;
  }

  /** Ends only what is ours: others may have use for what they own. */
  readonly #emptied = (user: UserId): void => {
    void this.#end(user, () => Promise.resolve());
  };

  #gone(instance: InstanceId): void {
    void this.#reapplyAll();
    void this.#takeover.of(instance);
  }

  async #adopt(user: UserId): Promise<void> {
    await this.#ending.get(user);
    if (!this.#isClosed) await this.#hub(user).adopt();
  }

  #eachHub(act: (hub: UserHub) => void): void {
    for (const hub of this.#hubs.values()) act(hub);
  }

  #reapplyAll(): Promise<void> {
    return atOnce([...this.#hubs.values()], REAPPLYING_AT_ONCE, (hub) => hub.reapply());
  }

  async #renewAll(): Promise<void> {
    await atOnce([...this.#hubs], RENEWING_AT_ONCE, async ([user, hub]) => {
      await hub.renew().catch((error: unknown) => this.#context.events.boardFailed(user, error));
    });
  }
}

class ClientOfHub implements AttachedClient {
  constructor(
    private readonly hub: UserHub,
    private readonly client: Attachment,
    private readonly policy: ChannelPolicy,
  ) {}

  async subscribe(request: ChannelRequest): Promise<SubscriptionState> {
    const { name } = this.policy.check(request);
    if (!this.client.filter.hasRoomFor(name, request.channel)) throw tooManyChannels();
    return this.hub.subscribe(this.client, name, request.channel);
  }

  unsubscribe(request: ChannelRequest): void {
    this.hub.unsubscribe(this.client, this.policy.check(request).name, request.channel);
  }

  // Also a refusal is a rejection.
  async publish(request: ChannelRequest, data: unknown): Promise<void> {
    await this.hub.publish(this.policy.checkPublish(request).name, request.channel, data);
  }

  detach(): void {
    this.hub.leave(this.client);
  }
}

function positionOf(after: Cursor | undefined): Position | 'unreadable' | undefined {
  return after === undefined ? undefined : (parseCursor(after) ?? 'unreadable');
}
