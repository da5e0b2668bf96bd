import {
  type BayeuxHttp,
  type BayeuxListener,
  BayeuxSession,
  type BayeuxState,
  type Inbound,
  type SavedState,
  type SubscribeOutcome,
} from '@gw/bayeux';
import { type ApiName, Cancellation } from '@gw/kernel';
import { BayeuxSessions } from '../bayeux-sessions.js';

const ANY_REQUEST = { body: '[]', timeoutMs: 1_000, cancellation: new Cancellation() };

/** A Bayeux session whose server is the test. */
export class FakeBayeuxSession extends BayeuxSession {
  /** What the server knows as subscribed; undefined before `start`. */
  channels: Set<string> | undefined;
  /** What it went on from, when it was not started anew. */
  resumed: (SavedState & { readonly subscribed: readonly string[] }) | undefined;
  restarts = 0;
  isAbandoned = false;
  isClosed = false;
  /** What the server answers to a subscription while the session is connected. */
  outcome: SubscribeOutcome | (() => Promise<SubscribeOutcome>) = 'active';
  acceptsPublish = true;
  readonly published: { readonly channel: string; readonly data: unknown }[] = [];
  readonly unsubscribed: string[] = [];
  /** Until it resolves, the server has not heard of the end. */
  untilClosed: Promise<void> = Promise.resolve();
  #state: BayeuxState = 'connecting';
  #received = 0;

  constructor(
    readonly api: ApiName,
    readonly url: string,
    readonly http: BayeuxHttp,
    private readonly listener: BayeuxListener,
  ) {
    super();
  }

  override start(channels: Iterable<string>): void {
    this.channels = new Set(channels);
  }

  override resume(saved: SavedState, subscribed: Iterable<string>, wanted: Iterable<string>): void {
    this.resumed = { ...saved, subscribed: [...subscribed] };
    this.channels = new Set([...subscribed, ...wanted]);
  }

  override async subscribe(channel: string): Promise<SubscribeOutcome> {
    this.channels?.add(channel);
    if (this.#state !== 'connected') return 'pending';
    return typeof this.outcome === 'function' ? this.outcome() : this.outcome;
  }

  override unsubscribe(channel: string): void {
    this.channels?.delete(channel);
    this.unsubscribed.push(channel);
  }

  override async publish(channel: string, data: unknown): Promise<boolean> {
    if (this.#state !== 'connected' || !this.acceptsPublish) return false;
    this.published.push({ channel, data });
    return true;
  }

  override restart(): void {
    this.restarts += 1;
  }

  override close(): Promise<void> {
    this.isClosed = true;
    return this.untilClosed;
  }

  override abandon(): void {
    this.isAbandoned = true;
  }

  /** The handshake and the first connect succeed. */
  async connect(): Promise<void> {
    await this.http.post({ ...ANY_REQUEST, url: this.url, isHandshake: true });
    await this.receive({ sessionStart: true });
    this.become('connected');
  }

  /** One reply of the server. Resolves when its acknowledgement may go out. */
  receive(inbound: Partial<Inbound>): Promise<void> {
    this.#received += 1;
    const state = `${this.api} session`;
    const mark = `batch ${this.#received}`;
    return this.listener.receive({
      sessionStart: false,
      loss: false,
      messages: [],
      follows: undefined,
      state,
      mark,
      ...inbound,
    });
  }

  deliver(channel: string, ...data: readonly unknown[]): Promise<void> {
    return this.receive({ messages: data.map((item) => ({ channel, data: item })) });
  }

  become(state: BayeuxState, reason?: string): void {
    this.#state = state;
    this.listener.stateChanged(state, reason);
  }
}

export class FakeBayeuxSessions extends BayeuxSessions {
  readonly created: FakeBayeuxSession[] = [];
  /** Sessions that were ended by one who only knew their saved state. */
  readonly endedSaved: { readonly url: string; readonly state: string }[] = [];

  override endSaved(url: string, _http: BayeuxHttp, state: string): Promise<void> {
    this.endedSaved.push({ url, state });
    return Promise.resolve();
  }

  override create(api: ApiName, url: string, http: BayeuxHttp, listener: BayeuxListener): FakeBayeuxSession {
    const session = new FakeBayeuxSession(api, url, http, listener);
    this.created.push(session);
    return session;
  }

  of(api: string): FakeBayeuxSession[] {
    return this.created.filter((session) => session.api === api);
  }

  /** The newest of `api`. */
  last(api: string): FakeBayeuxSession {
    const session = this.of(api).at(-1);
    if (!session) throw new Error(`no Bayeux session with ${api} was made`);
    return session;
  }

  get open(): FakeBayeuxSession[] {
    return this.created.filter(({ isClosed, isAbandoned }) => !isClosed && !isAbandoned);
  }
}
