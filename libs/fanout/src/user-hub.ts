import { type ConnectionState, type Cursor, type SessionUser } from '@gw/contract';
import { type ApiName, GatewayError, type Timer, type UserId } from '@gw/kernel';
import { type JournalEntry, type Listening, type Position } from '@gw/journal';
import { type BoardListener, type BoardView } from '@gw/ownership';
import { ApiLink, type ApiLinkHost } from './api-link.js';
import { type SubscriptionState } from './asked-channels.js';
import { Attachment } from './attachment.js';
import { type ChannelFilter } from './channel-filter.js';
import { type ChannelPolicy } from './channel-policy.js';
import { type ClientSink } from './client-sink.js';
import { type ConnectionContext } from './connection-context.js';

/** Most clients of one user at one instance. */
const MAX_CLIENTS = 50;

/** Pause before the board is read again after that failed, in milliseconds. */
const LOOK_AGAIN_MS = 1_000;

export interface JoinRequest {
  readonly user: SessionUser;
  readonly after: Position | 'unreadable' | undefined;
  readonly cursor: Cursor | undefined;
  readonly filter: ChannelFilter;
  readonly sink: ClientSink;
}

/** All of one user at this instance: the attached clients, and a link to each API that they share. */
export class UserHub implements ApiLinkHost {
  readonly #clients = new Set<Attachment>();
  readonly #links = new Map<ApiName, ApiLink>();
  #listening: Listening | undefined;
  #stopListening: (() => void) | undefined;
  #opened: Promise<void> | undefined;
  #headSequence = 0;
  #linger: Timer | undefined;
  #lookAgain: Timer | undefined;
  #looking = false;
  #hasNews = false;
  #closed = false;

  constructor(
    private readonly userId: UserId,
    private readonly policy: ChannelPolicy,
    private readonly context: ConnectionContext,
    /** Nobody needs it any more, and nobody has for the linger time. */
    private readonly emptied: (user: UserId) => void,
  ) {}

  get clientCount(): number {
    return this.#clients.size;
  }

  /** The connections that this instance runs for the user. */
  get owned(): { readonly api: ApiName; readonly state: ConnectionState }[] {
    return [...this.#links].filter(([, link]) => link.isOwner).map(([api, { state }]) => ({ api, state }));
  }

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
    const stateOf = (api: ApiName) => this.#links.get(api)?.state ?? 'connecting';
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
    // What was listened to before this client asks for it.
    const brokenApis = typeof after === 'object' ? this.#brokenSince(after, filter) : [];
    try {
      for (const [api, channel] of filter) this.#link(api).hold(channel);
      await Promise.all(filter.apis.map((api) => this.#link(api).wish()));
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
    for (const [api, channel] of client.filter) this.#links.get(api)?.release(channel);
    for (const api of client.filter.apis) this.#withdraw(api);
  }

  async subscribe(client: Attachment, api: ApiName, channel: string): Promise<SubscriptionState> {
    if (!this.#clients.has(client)) throw sessionEnded();
    const isNew = client.filter.add(api, channel);
    const link = this.#link(api);
    try {
      if (isNew) link.hold(channel);
      await link.wish();
      return await link.subscribe(channel);
    } catch (error) {
      this.unsubscribe(client, api, channel);
      throw error;
    }
  }

  unsubscribe(client: Attachment, api: ApiName, channel: string): void {
    // What a client held when it left is given back already.
    if (!this.#clients.has(client) || !client.filter.remove(api, channel)) return;
    this.#links.get(api)?.release(channel);
    this.#withdraw(api);
  }

  publish(api: ApiName, channel: string, data: unknown): Promise<void> {
    this.#refuseIfClosed();
    return this.#link(api).publish(channel, data);
  }

  initialised(api: ApiName): void {
    this.#links.get(api)?.initialised();
  }

  /** Goes on with what an instance that is gone ran for this user, until nobody has come back for it. */
  async adopt(): Promise<void> {
    await this.#open();
    this.#lingerIfIdle();
    await Promise.all([...this.#links.values()].map((link) => link.claimed()));
  }

  /**
   * Other instances came or went: what the board said last means something else now. Resolves when what is to be
   * claimed for that is claimed. Never throws.
   */
  async reapply(): Promise<void> {
    if (this.#closed) return;
    const applied = [...this.#links.values()].map((link) => link.reapply());
    this.#lingerIfIdle();
    await Promise.all(applied);
  }

  /** What the board says may have changed without our hearing of it. */
  reconsider(): void {
    if (this.#opened && !this.#closed) this.#look();
  }

  /** Has the board keep what is on it of this user: entries that nobody renews disappear with time. */
  async renew(): Promise<void> {
    if (this.#closed) return;
    await Promise.all([...this.#links.values()].map((link) => link.renew()));
  }

  suspend(): void {
    for (const link of this.#links.values()) link.suspend();
  }

  /** Attached clients hear nothing more; owned CometD sessions end, or go to the next owner. */
  async close(how: 'end' | 'hand-over' = 'end'): Promise<void> {
    this.#closed = true;
    this.#linger?.cancel();
    this.#lookAgain?.cancel();
    this.#listening?.stop();
    this.#stopListening?.();
    for (const client of this.#clients) client.detach();
    this.#clients.clear();
    await Promise.all([...this.#links.values()].map((link) => link.close(how)));
  }

  headSequence(): number {
    return this.#headSequence;
  }

  stateChanged(api: ApiName, state: ConnectionState, reason: string | undefined): void {
    for (const client of this.#clients) client.tellUpstream(api, state, reason);
  }

  seen(view: BoardView): void {
    if (this.#closed) return;
    for (const api of view.keys()) if (this.policy.has(api)) this.#link(api);
    for (const [api, link] of this.#links) link.apply(view.get(api));
    this.#lingerIfIdle();
  }

  lookAgain(): void {
    if (this.#closed || this.#lookAgain) return;
    this.#lookAgain = this.context.clock.schedule(() => {
      this.#lookAgain = undefined;
      this.#look();
    }, LOOK_AGAIN_MS);
  }

  /** Once for all who join: listens first, then reads where everything stands. */
  #open(): Promise<void> {
    this.#opened ??= this.#listen().catch((error: unknown) => {
      this.#listening?.stop();
      this.#stopListening?.();
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #listen(): Promise<void> {
    const { journal, board } = this.context;
    const [listening, stopListening] = await Promise.all([
      journal.listen(this.userId, (entries) => this.#hear(entries)),
      board.listen(this.userId, this.#boardListener()),
    ]);
    this.#listening = listening;
    this.#stopListening = stopListening;
    const [{ head }, view] = await Promise.all([
      journal.read(this.userId, undefined),
      board.read(this.userId),
    ]);
    this.#headSequence = Math.max(this.#headSequence, head.sequence);
    this.seen(view);
    if (this.#closed) {
      listening.stop();
      stopListening();
    }
  }

  #boardListener(): BoardListener {
    return {
      changed: () => this.#look(),
      publish: (api, channel, data) => {
        const link = this.#links.get(api);
        if (!link?.isOwner) return undefined;
        return link.publish(channel, data).then(
          () => true,
          () => false,
        );
      },
    };
  }

  #hear(entries: readonly JournalEntry[]): void {
    this.#headSequence = entries.at(-1)?.position.sequence ?? this.#headSequence;
    for (const client of this.#clients) client.hear(entries);
  }

  /** One look at a time; what is heard meanwhile is worth another. */
  #look(): void {
    this.#hasNews = true;
    if (this.#looking || this.#lookAgain || this.#closed) return;
    this.#looking = true;
    this.#lookOn().catch((error: unknown) => {
      this.#looking = false;
      this.context.events.boardFailed(this.userId, error);
      this.lookAgain();
    });
  }

  async #lookOn(): Promise<void> {
    while (this.#hasNews && !this.#closed) {
      this.#hasNews = false;
      this.seen(await this.context.board.read(this.userId));
    }
    this.#looking = false;
  }

  #brokenSince({ sequence }: Position, filter: ChannelFilter): ApiName[] {
    const broken = new Set<ApiName>();
    for (const [api, channel] of filter) {
      if (!this.#links.get(api)?.coversSince(channel, sequence)) broken.add(api);
    }
    return [...broken];
  }

  #withdraw(api: ApiName): void {
    const link = this.#links.get(api);
    link?.wish().catch((error: unknown) => {
      this.context.events.boardFailed(this.userId, error);
      this.lookAgain();
    });
  }

  #drop(client: Attachment): void {
    this.#clients.delete(client);
    client.detach();
    this.#lingerIfIdle();
  }

  /** While anybody is attached, here or elsewhere to what we own, the hub stays. */
  #lingerIfIdle(): void {
    const isNeeded =
      this.#clients.size > 0 ||
      [...this.#links.values()].some((link) => link.isOwner && link.isWantedElsewhere);
    if (isNeeded || this.#closed) {
      this.#linger?.cancel();
      this.#linger = undefined;
      return;
    }
    this.#linger ??= this.context.clock.schedule(() => this.emptied(this.userId), this.context.lingerMs);
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw sessionEnded();
  }

  #link(api: ApiName): ApiLink {
    let link = this.#links.get(api);
    if (!link) {
      link = new ApiLink(this.userId, this.policy.api(api), this.context, this);
      this.#links.set(api, link);
    }
    return link;
  }
}

function sessionEnded(): GatewayError {
  return new GatewayError('session_ended', 'unauthenticated', 'the session has ended');
}
