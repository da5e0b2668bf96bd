import { type Clock, type Timer } from '@gw/kernel';
import { type CometD, type Message, type SubscriptionHandle } from 'cometd';
import { Backoff } from '../backoff.js';
import { type SubscribeOutcome } from '../bayeux-session.js';

/** When a request that was lost on its way is repeated. */
const REPEAT = { firstMs: 1_000, baseMs: 1_000, maxMs: 60_000 };

/** This is not about the channel: a new session will ask again. Faye has 401 for it, as others have 402. */
const SESSION_UNKNOWN = /^40[12]:/u;

type Settle = (outcome: SubscribeOutcome) => void;

/** The state of one wanted channel: not asked for yet, asked, granted, or refused by the server. */
interface Wanted {
  state: 'unsent' | 'sent' | 'active' | 'refused';
  handle: SubscriptionHandle | undefined;
  waiting: readonly Settle[];
}

/**
 * The channels we want, and what the server knows of them. The library forgets every subscription at
 * each handshake, and a lost reply leaves one in doubt; both are put right at the next occasion.
 */
export class Subscriptions {
  readonly #wanted = new Map<string, Wanted>();

  readonly #repeats = new Backoff(REPEAT);
  #repeat: Timer | undefined;

  constructor(
    private readonly cometd: CometD,
    private readonly clock: Clock,
  ) {}

  want(channel: string): void {
    if (!this.#wanted.has(channel)) {
      this.#wanted.set(channel, { state: 'unsent', handle: undefined, waiting: [] });
    }
  }

  /** The server granted this channel to the process that had the session before. */
  resume(channel: string): void {
    // All that the library reads of a handle when it unsubscribes; its own ids begin at 1.
    const handle = { channel, id: 0 };
    this.#wanted.set(channel, { state: 'active', handle, waiting: [] });
  }

  /** Nobody waits any longer, and nothing is asked for again. */
  stop(): void {
    this.#repeat?.cancel();
    for (const wanted of this.#wanted.values()) settle(wanted, 'pending');
    this.#wanted.clear();
  }

  /** Resolves when the server has answered, or `pending` when the request failed on its way. */
  subscribe(channel: string, mayAsk: boolean): Promise<SubscribeOutcome> {
    this.want(channel);
    const wanted = this.#wanted.get(channel);
    if (wanted?.state === 'active') return Promise.resolve('active');
    if (!wanted || !mayAsk) return Promise.resolve('pending');
    return new Promise((resolve) => {
      wanted.waiting = [...wanted.waiting, resolve];
      if (wanted.state !== 'sent') this.#ask(channel, wanted);
    });
  }

  unsubscribe(channel: string): void {
    const wanted = this.#wanted.get(channel);
    this.#wanted.delete(channel);
    if (!wanted) return;
    settle(wanted, 'pending');
    if (wanted.handle && !this.cometd.isDisconnected()) this.cometd.unsubscribe(wanted.handle);
  }

  /** After a handshake: everything is asked for, in one request. */
  renew(): void {
    for (const wanted of this.#wanted.values()) {
      wanted.state = 'unsent';
      wanted.handle = undefined;
    }
    this.askForMissing();
  }

  /** What got lost on its way is asked for again. */
  askForMissing(): void {
    if (this.cometd.isDisconnected()) return;
    const missing = [...this.#wanted].filter(([, { state }]) => state === 'unsent');
    if (missing.length === 0) return;
    this.cometd.batch(() => {
      for (const [channel, wanted] of missing) this.#ask(channel, wanted);
    });
  }

  /**
   * Asks again for all that was asked for: a server that has forgotten a subscription says so to nobody,
   * and to ask for one that it knows changes nothing.
   */
  confirm(): void {
    if (this.cometd.isDisconnected()) return;
    this.cometd.batch(() => {
      for (const [channel, wanted] of this.#wanted) {
        if (wanted.state === 'sent') continue;
        // Else the library takes its own word for that of the server.
        if (wanted.handle) this.cometd.removeListener(wanted.handle);
        this.#ask(channel, wanted);
      }
    });
  }

  /** Whether the server has answered for each wanted channel. */
  get areSettled(): boolean {
    return [...this.#wanted.values()].every(({ state }) => state === 'active' || state === 'refused');
  }

  /** The server refuses a wanted channel. */
  get areRefused(): boolean {
    return [...this.#wanted.values()].some(({ state }) => state === 'refused');
  }

  /** What counts as active does so until the server says otherwise. */
  #ask(channel: string, wanted: Wanted): void {
    if (wanted.state !== 'active') wanted.state = 'sent';
    // Deliveries are taken in the transport; the library wants a callback all the same.
    wanted.handle = this.cometd.subscribe(
      channel,
      () => {},
      (reply) => this.#answered(wanted, reply),
    );
  }

  /** Once for all that was lost together. */
  #repeatLater(): void {
    this.#repeat ??= this.clock.schedule(() => {
      this.#repeat = undefined;
      this.askForMissing();
    }, this.#repeats.next());
  }

  #answered(wanted: Wanted, reply: Message): void {
    if (reply.successful) {
      this.#repeats.reset();
      wanted.state = 'active';
      settle(wanted, 'active');
      return;
    }
    // By itself the library does so only where the answer names the channel.
    if (wanted.handle) this.cometd.removeListener(wanted.handle);
    wanted.handle = undefined;
    const lost = reply.failure !== undefined || SESSION_UNKNOWN.test(reply.error ?? '');
    wanted.state = lost ? 'unsent' : 'refused';
    settle(wanted, lost ? 'pending' : 'refused');
    if (lost) this.#repeatLater();
  }
}

function settle(wanted: Wanted, outcome: SubscribeOutcome): void {
  const { waiting } = wanted;
  wanted.waiting = [];
  for (const resolve of waiting) resolve(outcome);
}
