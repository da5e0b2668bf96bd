import { type Clock } from '@gw/kernel';
import { type Message } from 'cometd';
import { type BayeuxHttp } from '../bayeux-http.js';
import {
  type BayeuxListener,
  BayeuxSession,
  type BayeuxState,
  type SubscribeOutcome,
} from '../bayeux-session.js';
import { endSaved } from '../end-saved.js';
import { HandshakeGuard } from '../handshake-guard.js';
import { type HandshakePacer } from '../handshake-pacer.js';
import { META_CONNECT, META_DISCONNECT, META_HANDSHAKE, META_SUBSCRIBE } from '../message.js';
import { readSavedSession, type SavedState } from '../saved-session.js';
import { BayeuxRequests } from './bayeux-requests.js';
import { GuardedCometD } from './guarded-cometd.js';
import { JournalingTransport } from './journaling-transport.js';
import { Publications } from './publications.js';
import { Subscriptions } from './subscriptions.js';

export interface CometdSessionOptions {
  /**
   * The server's URL; message types are appended to it (`…/handshake`, `…/connect`) unless its last
   * segment has a dot, as in `/cometd/64.0`.
   */
  readonly url: string;
  readonly http: BayeuxHttp;
  readonly listener: BayeuxListener;
  readonly pacer: HandshakePacer;
  readonly clock: Clock;
}

const LONG_POLLING = 'long-polling';

const DISCONNECT_DEADLINE_MS = 5_000;

/** Longest hold that is believed when a server advises it, in milliseconds. */
const MAX_HOLD_MS = 120_000;

/**
 * How often subscriptions are asked for again, half as long again at most: a server may lose one without
 * losing the session, and nothing in the protocol would tell.
 */
const CONFIRM_EVERY_MS = 300_000;

/** A Bayeux session by the `cometd` library. */
export class CometdSession extends BayeuxSession {
  readonly #cometd: GuardedCometD;
  readonly #requests: BayeuxRequests;
  readonly #transport: JournalingTransport;
  readonly #subscriptions: Subscriptions;
  readonly #publications: Publications;
  readonly #listener: BayeuxListener;
  readonly #clock: Clock;
  #state: BayeuxState | undefined;
  /** The last connect was answered well. */
  #isConnected = false;
  /** Since the last good connect one has failed: who knows what the server still knows. */
  #isInDoubt = false;
  /** Subscriptions are asked for again with the first answer to a connect that comes later than this. */
  #confirmAt = Infinity;
  #closing: Promise<void> | undefined;
  /** Ends the wait for the server's answer to a disconnect. */
  #endDisconnect: (() => void) | undefined;

  constructor({ url, http, listener, pacer, clock }: CometdSessionOptions) {
    super();
    this.#listener = listener;
    this.#clock = clock;
    this.#cometd = new GuardedCometD(url, clock, new HandshakeGuard(clock));
    this.#subscriptions = new Subscriptions(this.#cometd, clock);
    this.#publications = new Publications(this.#cometd);
    this.#requests = new BayeuxRequests({
      http,
      refused: (reason) => this.#refuse(reason),
      pacer,
      holdMs: () => Math.min(this.#cometd.getAdvice().timeout ?? 0, MAX_HOLD_MS),
      clock,
    });
    this.#transport = new JournalingTransport(this.#requests, listener, (state) => {
      this.#cometd.ackEnabled = false;
      this.#requests.loseSession();
      return endSaved({ url, http, state, clock });
    });
    this.#cometd.registerTransport(LONG_POLLING, this.#transport);
    // One for all: for each channel that is listened to the library keeps half a dozen objects.
    this.#cometd.addListener('/meta/*', (message) => this.#answered(message));
  }

  override start(channels: Iterable<string>): void {
    for (const channel of channels) this.#subscriptions.want(channel);
    this.#setState('connecting');
    this.#confirmLater();
    this.#cometd.handshake();
  }

  override resume(from: SavedState, subscribed: Iterable<string>, wanted: Iterable<string>): void {
    const saved = readSavedSession(from);
    if (!saved?.supportedConnectionTypes.includes(LONG_POLLING)) {
      this.start([...subscribed, ...wanted]);
      return;
    }
    this.#transport.resume(saved);
    // Before there are channels: the library's handshake would ask for all of them.
    this.#cometd.resume(saved);
    for (const channel of subscribed) this.#subscriptions.resume(channel);
    for (const channel of wanted) this.#subscriptions.want(channel);
    this.#setState('connecting');
    this.#confirmLater();
  }

  override subscribe(channel: string): Promise<SubscribeOutcome> {
    return this.#subscriptions.subscribe(channel, this.#mayAsk);
  }

  override unsubscribe(channel: string): void {
    this.#subscriptions.unsubscribe(channel);
  }

  override publish(channel: string, data: unknown): Promise<boolean> {
    if (!this.#mayAsk) return Promise.resolve(false);
    return this.#publications.publish(channel, data);
  }

  override restart(): void {
    this.#requests.loseSession();
  }

  override close(): Promise<void> {
    this.#closing ??= this.#disconnect().finally(() => this.#stop());
    return this.#closing;
  }

  override abandon(): void {
    this.#closing ??= Promise.resolve();
    this.#stop();
  }

  get #mayAsk(): boolean {
    return this.#state === 'connected' && !this.#closing;
  }

  /** Nothing is sent any more, and nobody waits for what was. */
  #stop(): void {
    this.#transport.stop();
    this.#cometd.stop();
    this.#subscriptions.stop();
    this.#publications.stop();
    this.#endDisconnect?.();
  }

  #confirmLater(): void {
    this.#confirmAt = this.#clock.now() + CONFIRM_EVERY_MS * (1 + Math.random() / 2);
  }

  /** Ends the session at the server, if there is one; what is still under way is given up then. */
  #disconnect(): Promise<void> {
    if (this.#cometd.isDisconnected() || !this.#cometd.getClientId()) return Promise.resolve();
    return new Promise((resolve) => {
      const deadline = this.#clock.schedule(resolve, DISCONNECT_DEADLINE_MS);
      this.#endDisconnect = () => {
        deadline.cancel();
        resolve();
      };
      this.#cometd.addListener(META_DISCONNECT, () => this.#endDisconnect?.());
      this.#cometd.disconnect();
    });
  }

  /** Of what has failed the library tells twice: as of an answer, and as of a failure. */
  #answered(message: Message): void {
    if (message.channel === META_HANDSHAKE) this.#handshaken(message);
    else if (message.channel === META_CONNECT) this.#connectAnswered(message);
    else if (message.channel === META_SUBSCRIBE) this.#reportConnected();
    else if (message.channel === META_DISCONNECT && !this.#closing) this.#refuse('disconnected');
  }

  #handshaken(message: Message): void {
    if (!message.successful) this.#failed(message);
    else if (message.advice?.reconnect === 'none') this.#refuse('reconnect_none');
    else {
      this.#isInDoubt = false;
      this.#subscriptions.renew();
    }
  }

  #connectAnswered(message: Message): void {
    if (!message.successful) {
      this.#failed(message);
      return;
    }
    if (message.advice?.reconnect === 'none') {
      this.#refuse('reconnect_none');
      return;
    }
    this.#cometd.connected();
    const isDue = this.#clock.now() >= this.#confirmAt;
    if (isDue) this.#confirmLater();
    if (isDue || this.#isInDoubt) this.#subscriptions.confirm();
    else this.#subscriptions.askForMissing();
    this.#isInDoubt = false;
    this.#isConnected = true;
    this.#reportConnected();
  }

  /** Connected means: a connect was answered, and so was each subscription. */
  #reportConnected(): void {
    if (this.#state === 'connected' || !this.#isConnected || !this.#subscriptions.areSettled) return;
    this.#setState('connected', this.#subscriptions.areRefused ? 'subscription_refused' : undefined);
  }

  #failed(message: Message): void {
    this.#isConnected = false;
    // What could not be stored here says nothing of the server.
    this.#isInDoubt ||= message.failure?.reason !== 'journal';
    if (message.advice?.reconnect === 'none') this.#refuse('reconnect_none');
    else this.#setState('interrupted', reasonOf(message));
  }

  #refuse(reason: string): void {
    this.#setState('refused', reason);
    // The listener may be ending it well.
    if (!this.#closing) this.#stop();
  }

  #setState(state: BayeuxState, reason?: string): void {
    if (this.#state === state || this.#state === 'refused' || this.#closing) return;
    this.#state = state;
    this.#listener.stateChanged(state, reason);
  }
}

/** A stable word for clients and logs; the server's own text may quote client ids. */
function reasonOf(message: Message): string {
  if (message.failure) return message.failure.reason ?? 'bad_reply';
  return message.advice?.reconnect === 'handshake' ? 'session_unknown' : 'unsuccessful';
}
