import { type ServerResponse } from 'node:http';
import { type Api } from '../apis.js';
import { type Secrets } from '../control/secrets.js';
import { notePoll, remember, type ApiSeen, type Seen } from '../control/seen.js';
import { type Caller } from '../http/caller.js';
import { type Settings } from '../options.js';
import { BayeuxEvents, type BayeuxSession } from './bayeux-events.js';
import { BayeuxServer } from './bayeux-server.js';
import { BrowserCookies } from './browser-cookies.js';
import { type BayeuxReply } from './captured-response.js';
import { subscriptionsOf, type BayeuxMessage } from './messages.js';

export type SubscribedListener = (owner: Caller, session: BayeuxSession, channel: string) => void;

/** The notifications of one API: its CometD server, and an account of what passes. */
export class Notifications extends BayeuxEvents {
  readonly #server: BayeuxServer;
  readonly #browsers = new BrowserCookies();
  readonly #subscribed: SubscribedListener[] = [];
  readonly #deserted: ((user: string) => void)[] = [];

  constructor(
    readonly api: Api,
    private readonly settings: Settings,
    private readonly seen: Seen,
    private readonly secrets: Secrets,
  ) {
    super();
    this.#server = new BayeuxServer(
      {
        timeoutMs: settings.bayeuxTimeoutMs,
        maxIntervalMs: settings.bayeuxMaxIntervalMs,
        ackExtension: settings.ackExtension,
      },
      this,
    );
  }

  onSubscribed(listener: SubscribedListener): void {
    this.#subscribed.push(listener);
  }

  /** When the user's last CometD session is gone. */
  onDeserted(listener: (user: string) => void): void {
    this.#deserted.push(listener);
  }

  async exchange(
    messages: readonly BayeuxMessage[],
    caller: Caller,
    cookie: string | undefined,
    raw: ServerResponse,
  ): Promise<BayeuxReply | undefined> {
    const known = this.#browsers.asServerKnows(cookie);
    const reply = await this.#server.exchange(messages, caller, known, raw);
    const renewed = reply && this.#browsers.renew(caller.user, cookie);
    const setCookies = [...(reply?.setCookies ?? []), ...(renewed === undefined ? [] : [renewed])];
    for (const setCookie of setCookies) this.secrets.add(caller.user, valueOf(setCookie));
    return reply && { ...reply, setCookies };
  }

  /** Counts what arrives, also what is refused then. */
  noteArrival(user: string | undefined, messages: readonly BayeuxMessage[]): void {
    for (const message of messages) this.#note(user, (seen) => this.#count(seen, message));
  }

  noteUnknownSession(user: string | undefined): void {
    this.#note(user, (seen) => (seen.unknownSession402 += 1));
  }

  publish(user: string, channel: string, ...datas: readonly unknown[]): number {
    return this.#server.publish(user, channel, datas);
  }

  isListening(owner: Caller, channel: string): boolean {
    return this.#server.isListening(owner, channel);
  }

  forget(user: string, which?: (owner: Caller) => boolean): number {
    return this.#server.forget(user, which);
  }

  /** Without telling anybody. @returns how many of the user's sessions were subscribed */
  unsubscribe(user: string, channel: string): number {
    return this.#server.unsubscribe(user, channel);
  }

  rotateBrowserCookie(user: string): void {
    this.#browsers.rotate(user);
  }

  close(): void {
    this.#server.close();
  }

  override sessionAdded(owner: Caller, session: BayeuxSession): void {
    this.secrets.add(owner.user, session.clientId);
    this.#note(owner.user, (seen) => {
      seen.sessions += 1;
      seen.maxSessions = Math.max(seen.maxSessions, seen.sessions);
    });
  }

  override sessionRemoved(owner: Caller, remaining: number): void {
    this.#note(owner.user, (seen) => (seen.sessions -= 1));
    if (remaining === 0) for (const listener of this.#deserted) listener(owner.user);
  }

  override subscribed(owner: Caller, session: BayeuxSession, channel: string): void {
    this.#note(owner.user, (seen) => seen.subscriptions.push(channel));
    for (const listener of this.#subscribed) listener(owner, session, channel);
  }

  override unsubscribed(owner: Caller, channel: string): void {
    this.#note(owner.user, ({ subscriptions }) => {
      const at = subscriptions.indexOf(channel);
      if (at >= 0) subscriptions.splice(at, 1);
    });
  }

  override multipleClientsAdvised(owner: Caller): void {
    this.#note(owner.user, (seen) => (seen.multipleClientsAdvised = true));
  }

  override unknownSessionRefused(caller: Caller): void {
    this.noteUnknownSession(caller.user);
  }

  #note(user: string | undefined, write: (seen: ApiSeen) => void): void {
    this.seen.noteApi(user, this.api, write);
  }

  #count(seen: ApiSeen, message: BayeuxMessage): void {
    if (message.channel === '/meta/handshake') seen.handshakes += 1;
    if (message.channel === '/meta/disconnect') seen.disconnects += 1;
    for (const channel of subscriptionsOf(message)) remember(seen.subscribes, channel);
    if (message.channel !== '/meta/connect') return;
    seen.connects += 1;
    const at = this.settings.clock.now();
    if (message.clientId !== undefined) notePoll(seen, message.clientId, at);
    const ack = message.ext?.ack;
    if (typeof ack === 'number') remember(seen.acks, { ack, at });
  }
}

function valueOf(setCookie: string): string {
  return setCookie.slice(setCookie.indexOf('=') + 1).split(';')[0] ?? '';
}
