import { type ConnectionState, type Cursor, type SessionUser } from '@gw/contract';
import { type ApiName, GatewayError, type Timer, type UserId } from '@gw/kernel';
import { type JournalEntry, type Listening, type Position } from '@gw/journal';
import { Attachment } from './attachment.js';
import { type ChannelFilter } from './channel-filter.js';
import { type ChannelPolicy } from './channel-policy.js';
import { type ClientSink } from './client-sink.js';
import { type ConnectionContext, type SubscriptionState, UpstreamConnection } from './upstream-connection.js';

/** Most clients of one user at one instance. */
const MAX_CLIENTS = 50;

export interface JoinRequest {
  readonly user: SessionUser;
  readonly after: Position | 'unreadable' | undefined;
  readonly cursor: Cursor | undefined;
  readonly filter: ChannelFilter;
  readonly sink: ClientSink;
}

/** All of one user at this instance: the attached clients, and the connections they share. */
export class UserHub {
  readonly #clients = new Set<Attachment>();
  readonly #connections = new Map<ApiName, UpstreamConnection>();
  #listening: Listening | undefined;
  #opened: Promise<void> | undefined;
  #headSequence = 0;
  #linger: Timer | undefined;
  #closed = false;

  constructor(
    private readonly userId: UserId,
    private readonly policy: ChannelPolicy,
    private readonly context: ConnectionContext,
    /** Nobody is attached any more, and has not been for the linger time. */
    private readonly emptied: () => void,
  ) {}

  /** @throws {GatewayError} `too_many_clients`. */
  refuseIfFull(): void {
    if (this.#clients.size < MAX_CLIENTS) return;
    throw new GatewayError('too_many_clients', 'forbidden', 'this user has too many attached clients');
  }

  /** Attaches a client: `ready` first, then what it missed, then what comes. */
  async join({ user, after, cursor, filter, sink }: JoinRequest): Promise<Attachment> {
    this.refuseIfFull();
    const { journal, clock, events } = this.context;
    const { userId } = this;
    const stateOf = (api: ApiName) => this.#connections.get(api)?.state ?? 'connecting';
    const client = new Attachment({ userId, journal, sink, filter, stateOf, events, clock });
    // Registered before anything is read: what is appended from here on is heard.
    this.#clients.add(client);
    this.#linger?.cancel();
    try {
      await this.#open();
      this.#refuseIfClosed();
    } catch (error) {
      this.#drop(client);
      throw error;
    }
    const brokenApis = typeof after === 'object' ? this.#brokenSince(after, filter) : [];
    for (const [api, channel] of filter) this.#hold(api, channel).catch(() => {});
    try {
      await client.start({ user, after, cursor, brokenApis });
      this.#refuseIfClosed();
    } catch (error) {
      this.leave(client);
      throw error;
    }
    return client;
  }

  leave(client: Attachment): void {
    if (!this.#clients.has(client)) return;
    // First, so that when all is over the sessions end before their channels do, and need not ask.
    this.#drop(client);
    for (const [api, channel] of client.filter) this.#connections.get(api)?.interest.release(channel);
  }

  async subscribe(client: Attachment, api: ApiName, channel: string): Promise<SubscriptionState> {
    if (!this.#clients.has(client)) throw sessionEnded();
    const isNew = client.filter.add(api, channel);
    try {
      return await (isNew ? this.#hold(api, channel) : this.#connection(api).subscribe(channel));
    } catch (error) {
      this.unsubscribe(client, api, channel);
      throw error;
    }
  }

  unsubscribe(client: Attachment, api: ApiName, channel: string): void {
    // What a client held when it left is given back already.
    if (this.#clients.has(client) && client.filter.remove(api, channel))
      this.#connections.get(api)?.interest.release(channel);
  }

  publish(api: ApiName, channel: string, data: unknown): Promise<void> {
    this.#refuseIfClosed();
    return this.#connection(api).publish(channel, data);
  }

  initialised(api: ApiName): void {
    this.#connections.get(api)?.initialised();
  }

  /** Ends the CometD sessions; attached clients hear nothing more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#linger?.cancel();
    this.#listening?.stop();
    for (const client of this.#clients) client.detach();
    this.#clients.clear();
    await Promise.all([...this.#connections.values()].map((connection) => connection.close()));
  }

  /** Once for all who join: listens first, then reads where the journal stands. */
  #open(): Promise<void> {
    this.#opened ??= this.#listen().catch((error: unknown) => {
      this.#listening?.stop();
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #listen(): Promise<void> {
    const { journal } = this.context;
    this.#listening = journal.listen(this.userId, (entries) => this.#hear(entries));
    const { head } = await journal.read(this.userId, undefined);
    this.#headSequence = Math.max(this.#headSequence, head.sequence);
  }

  #hear(entries: readonly JournalEntry[]): void {
    this.#headSequence = entries.at(-1)?.position.sequence ?? this.#headSequence;
    for (const client of this.#clients) client.hear(entries);
  }

  #brokenSince({ sequence }: Position, filter: ChannelFilter): ApiName[] {
    const broken = new Set<ApiName>();
    for (const [api, channel] of filter) {
      if (!this.#connections.get(api)?.interest.coversSince(channel, sequence)) broken.add(api);
    }
    return [...broken];
  }

  /** Of a connection that is only being opened, the channels are subscribed with its handshake. */
  #hold(api: ApiName, channel: string): Promise<SubscriptionState> {
    const connection = this.#connection(api);
    connection.interest.hold(channel, this.#headSequence);
    return connection.subscribe(channel);
  }

  #drop(client: Attachment): void {
    this.#clients.delete(client);
    client.detach();
    if (this.#clients.size > 0 || this.#closed) return;
    this.#linger = this.context.clock.schedule(this.emptied, this.context.lingerMs);
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw sessionEnded();
  }

  #connection(api: ApiName): UpstreamConnection {
    let connection = this.#connections.get(api);
    if (!connection) {
      const tell = (state: ConnectionState, reason?: string) => this.#tellUpstream(api, state, reason);
      connection = new UpstreamConnection(
        this.userId,
        this.policy.api(api),
        this.context,
        tell,
        this.#headSequence,
      );
      this.#connections.set(api, connection);
      connection.start();
    }
    return connection;
  }

  #tellUpstream(api: ApiName, state: ConnectionState, reason: string | undefined): void {
    for (const client of this.#clients) client.tellUpstream(api, state, reason);
  }
}

function sessionEnded(): GatewayError {
  return new GatewayError('session_ended', 'unauthenticated', 'the session has ended');
}
