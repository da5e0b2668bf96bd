import { type ChannelRequest, type Cursor, type SessionUser } from '@gw/contract';
import { asUserId, type Clock, type UserId } from '@gw/kernel';
import { type Journal, parseCursor, type Position } from '@gw/journal';
import { type UpstreamProfile, type UpstreamSessions } from '@gw/upstream';
import { type Attachment } from './attachment.js';
import { type BayeuxSessions } from './bayeux-sessions.js';
import { ChannelPolicy, tooManyChannels } from './channel-policy.js';
import { type ClientSink } from './client-sink.js';
import { type FanoutEvents } from './fanout-events.js';
import { type ConnectionContext, type SubscriptionState } from './upstream-connection.js';
import { UserHub } from './user-hub.js';

export interface FanoutOptions {
  /** How long CometD sessions and channels outlive the last client that wanted them, in milliseconds. */
  readonly lingerMs: number;
}

export interface AttachRequest {
  readonly user: SessionUser;
  /** The last cursor that the client processed. */
  readonly after?: Cursor | undefined;
  /** Absent: the default channels of every API. */
  readonly channels?: readonly ChannelRequest[] | undefined;
  readonly sink: ClientSink;
}

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
  readonly #hubs = new Map<UserId, UserHub>();
  /** Of these users the CometD sessions are just being ended; new ones wait for that. */
  readonly #ending = new Map<UserId, Promise<void>>();
  readonly #stopListening: () => void;

  constructor(
    profile: UpstreamProfile,
    journal: Journal,
    upstream: UpstreamSessions,
    bayeux: BayeuxSessions,
    clock: Clock,
    events: FanoutEvents,
    { lingerMs }: FanoutOptions,
  ) {
    this.#policy = new ChannelPolicy(profile);
    this.#context = { journal, upstream, bayeux, clock, events, lingerMs };
    this.#stopListening = upstream.onInitialised((user, api) => this.#hubs.get(user)?.initialised(api));
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
    return this.#handle(hub, client);
  }

  /**
   * Ends the user's CometD sessions now, then does what is left to do upstream; who attaches meanwhile
   * waits for it. Resolves when the upstream knows, or has taken too long.
   */
  end(user: UserId, farewell: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const hub = this.#hubs.get(user);
    const before = this.#ending.get(user);
    this.#hubs.delete(user);
    const ended = Promise.all([before, hub?.close()])
      .then(farewell)
      .finally(() => {
        if (this.#ending.get(user) === ended) this.#ending.delete(user);
      });
    this.#ending.set(user, ended);
    return ended;
  }

  async close(): Promise<void> {
    this.#stopListening();
    for (const user of [...this.#hubs.keys()]) void this.end(user);
    await Promise.all(this.#ending.values());
  }

  #hub(user: UserId): UserHub {
    let hub = this.#hubs.get(user);
    if (!hub) {
      hub = new UserHub(user, this.#policy, this.#context, () => void this.end(user));
      this.#hubs.set(user, hub);
    }
    return hub;
  }

  #handle(hub: UserHub, client: Attachment): AttachedClient {
    return {
      subscribe: async (request) => {
        const { name } = this.#policy.check(request);
        if (!client.filter.hasRoomFor(name, request.channel)) throw tooManyChannels();
        return hub.subscribe(client, name, request.channel);
      },
      unsubscribe: (request) => hub.unsubscribe(client, this.#policy.check(request).name, request.channel),
      // Also a refusal is a rejection.
      publish: async (request, data) => {
        await hub.publish(this.#policy.checkPublish(request).name, request.channel, data);
      },
      detach: () => hub.leave(client),
    };
  }
}

function positionOf(after: Cursor | undefined): Position | 'unreadable' | undefined {
  return after === undefined ? undefined : (parseCursor(after) ?? 'unreadable');
}
