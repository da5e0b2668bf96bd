import ackExtension from 'cometd-nodejs-server/ack-extension.js';
import cometd, { type CometDServer, type ServerMessage, type ServerSession } from 'cometd-nodejs-server';
import { type ServerResponse } from 'node:http';
import { type Caller } from '../http/caller.js';
import { type BayeuxEvents, type BayeuxSession } from './bayeux-events.js';
import { CapturedResponse, type BayeuxReply } from './captured-response.js';
import { matches } from './channel.js';
import { type BayeuxMessage } from './messages.js';

/** What the library hands to extensions and listeners as the current request. */
interface CapturedRequest {
  readonly method: 'POST';
  readonly headers: { readonly cookie: string | undefined };
  readonly body: readonly BayeuxMessage[];
  readonly caller: Caller;
}

interface Unsubscribing {
  _unsubscribe(session: ServerSession, message: null, done: () => void): void;
}

export interface BayeuxServerOptions {
  readonly timeoutMs: number;
  readonly maxIntervalMs: number;
  readonly ackExtension: boolean;
}

/** The CometD server of one API: long polling, sessions that belong to a user. */
export class BayeuxServer {
  readonly #server: CometDServer;
  readonly #owners = new WeakMap<ServerSession, Caller>();
  readonly #live = new Map<string, Set<ServerSession>>();

  constructor(
    options: BayeuxServerOptions,
    private readonly events: BayeuxEvents,
  ) {
    this.#server = cometd.createCometDServer({
      timeout: options.timeoutMs,
      maxInterval: options.maxIntervalMs,
    });
    if (options.ackExtension) this.#server.addExtension(new ackExtension.AcknowledgedMessagesExtension());
    this.#observe();
    // Clients only listen here; a publish of one agent must never reach another.
    this.#server.policy = {
      canPublish: (_session, _message, _channel, callback) => callback(undefined, false),
    };
  }

  /** @returns undefined when the client went away before there was a reply */
  exchange(
    messages: readonly BayeuxMessage[],
    caller: Caller,
    cookie: string | undefined,
    raw: ServerResponse,
  ): Promise<BayeuxReply | undefined> {
    const request: CapturedRequest = { method: 'POST', headers: { cookie }, body: messages, caller };
    const response = new CapturedResponse(raw);
    this.#server.handle(request, response);
    return response.reply;
  }

  /** @returns how many sessions of the user it went to */
  publish(user: string, channel: string, datas: readonly unknown[]): number {
    const subscribed = this.#sessionsOf(user).filter((session) => listens(session, channel));
    for (const session of subscribed) deliver(session, channel, datas);
    return subscribed.length;
  }

  /** Whether a session that was opened under this HTTP session listens to the channel. */
  isListening(owner: Caller, channel: string): boolean {
    return this.#sessionsOf(owner.user).some(
      (session) => this.#owners.get(session)?.httpSession === owner.httpSession && listens(session, channel),
    );
  }

  /**
   * Ends the user's sessions without a word: a pending /meta/connect ends as if by time-out, and the
   * next finds its session unknown.
   * @returns how many there were
   */
  forget(user: string, which: (owner: Caller) => boolean = () => true): number {
    const doomed = this.#sessionsOf(user).filter((session) => {
      const owner = this.#owners.get(session);
      return owner !== undefined && which(owner);
    });
    for (const session of doomed) session.disconnect();
    return doomed.length;
  }

  /** Without telling anybody. @returns how many of the user's sessions were subscribed */
  unsubscribe(user: string, channel: string): number {
    const subscribed = this.#sessionsOf(user).filter(({ subscriptions }) =>
      subscriptions.some(({ name }) => name === channel),
    );
    // Only clients can unsubscribe by the library's public interface.
    const its = this.#server.getServerChannel(channel) as unknown as Unsubscribing;
    for (const session of subscribed) its._unsubscribe(session, null, () => {});
    return subscribed.length;
  }

  close(): void {
    for (const user of [...this.#live.keys()]) this.forget(user);
    this.#server.close();
  }

  #sessionsOf(user: string): ServerSession[] {
    return [...(this.#live.get(user) ?? [])];
  }

  #observe(): void {
    this.#server.addListener('sessionAdded', (session: ServerSession) => this.#added(session));
    this.#server.addListener('sessionRemoved', (session: ServerSession) => this.#removed(session));
    this.#server.addListener('subscribed', (channel: { name: string }, session: ServerSession) => {
      const owner = this.#owners.get(session);
      if (owner) this.events.subscribed(owner, asBayeuxSession(session), channel.name);
    });
    this.#server.addListener('unsubscribed', (channel: { name: string }, session: ServerSession) => {
      const owner = this.#owners.get(session);
      if (owner) this.events.unsubscribed(owner, channel.name);
    });
    this.#server.addExtension({
      outgoing: (_server, _sender, session, message, callback) => {
        this.#observeReply(session, message);
        callback(undefined, true);
      },
    });
  }

  #added(session: ServerSession): void {
    const owner = this.#currentCaller();
    this.#owners.set(session, owner);
    this.#live.set(owner.user, (this.#live.get(owner.user) ?? new Set()).add(session));
    this.events.sessionAdded(owner, asBayeuxSession(session));
  }

  #removed(session: ServerSession): void {
    const owner = this.#owners.get(session);
    if (!owner) return;
    const live = this.#live.get(owner.user);
    live?.delete(session);
    if (live?.size === 0) this.#live.delete(owner.user);
    this.events.sessionRemoved(owner, live?.size ?? 0);
  }

  #observeReply(session: ServerSession | null, message: ServerMessage): void {
    const owner = session ? this.#owners.get(session) : undefined;
    if (message.error?.startsWith('402:')) this.events.unknownSessionRefused(owner ?? this.#currentCaller());
    const advice: unknown = message.advice;
    if (owner && typeof advice === 'object' && advice !== null && 'multiple-clients' in advice) {
      this.events.multipleClientsAdvised(owner);
    }
  }

  /** Valid inside a synchronous call of `exchange` only, which is where handshakes and 402s happen. */
  #currentCaller(): Caller {
    return (this.#server.context as { readonly request: CapturedRequest }).request.caller;
  }
}

function listens(session: ServerSession, channel: string): boolean {
  return session.subscriptions.some((subscription) => matches(subscription.name, channel));
}

function deliver(session: ServerSession, channel: string, datas: readonly unknown[]): void {
  session.batch(() => {
    for (const data of datas) session.deliver(null, channel, data);
  });
}

function asBayeuxSession(session: ServerSession): BayeuxSession {
  return { clientId: session.id, deliver: (channel, datas) => deliver(session, channel, datas) };
}
