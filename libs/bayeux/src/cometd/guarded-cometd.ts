import { type Clock, type Timer } from '@gw/kernel';
import { type Configuration, type FailureInfo, type Message } from 'cometd';
import { Backoff } from '../backoff.js';
import { type HandshakeGuard } from '../handshake-guard.js';
import { META_HANDSHAKE } from '../message.js';
import { type SavedSession } from '../saved-session.js';
import { AckExtension, CometD } from './cometd-library.js';

/** Waits between failed connects. The first is short: an upstream forgets a silent session after 10 s. */
const RECONNECT = { firstMs: 500, baseMs: 1_000, maxMs: 30_000 };

/** The library wants a deadline for each request. The transport has its own, so that timer is never set. */
const NEVER_MS = 2 ** 50;

/**
 * The protocol library with our rules for repetition, our clock, and no voice: what it logs may
 * contain messages with client ids.
 */
export class GuardedCometD extends CometD {
  readonly #reconnects = new Backoff(RECONNECT);
  /** Those that run: hardly ever more than one. */
  #timers: readonly Timer[] = [];
  /** The same for all but for the URL, for which the library asks elsewhere. */
  static #configuration: Configuration | undefined;
  #stopped = false;

  constructor(
    url: string,
    clock: Clock,
    private readonly guard: HandshakeGuard,
  ) {
    super();
    // The library assigns these two in its constructor, as the place to override timers.
    this.setTimeout = (task: () => void, ms: number) => this.#schedule(clock, task, ms);
    this.clearTimeout = (timer: Timer | undefined) => this.#cancel(timer);
    this.unregisterTransports();
    this.registerExtension('ack', new AckExtension());
    this.configure({
      url,
      logLevel: 'warn',
      maxNetworkDelay: NEVER_MS,
      // A wildcard or a long list of channels still fits; what exceeds it is our own doing.
      maxSendBayeuxMessageSize: 65_536,
    });
  }

  /**
   * Goes on with a session that another process began: the library handshakes, but sends nothing, and
   * receives what the server would answer. To the ack extension, that reply says where we stand.
   */
  resume({ clientId, ack, supportedConnectionTypes, advice }: SavedSession): void {
    this.registerExtension('resume', { outgoing: () => null });
    this.handshake();
    this.unregisterExtension('resume');
    this.receive({
      channel: META_HANDSHAKE,
      version: '1.0',
      successful: true,
      clientId,
      supportedConnectionTypes: [...supportedConnectionTypes],
      advice: { ...advice, reconnect: 'retry', interval: 0 },
      ...(ack !== undefined && { ext: { ack: { enabled: true, batch: ack } } }),
    });
  }

  /** From now on nothing is repeated, and no timer fires. */
  stop(): void {
    this.#stopped = true;
    this.getTransport()?.abort();
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
  }

  connected(): void {
    this.#reconnects.reset();
    this.guard.connected();
  }

  // The library asks several times a request, and copies the whole of it each time.
  override getConfiguration(): Configuration {
    return (GuardedCometD.#configuration ??= super.getConfiguration());
  }

  override onTransportFailure(
    message: Message,
    info: FailureInfo,
    proceed: (info: FailureInfo) => void,
  ): void {
    super.onTransportFailure(message, info, (decided) => {
      if (this.#stopped) decided.action = 'none';
      if (decided.action === 'handshake') decided.delay = this.guard.next();
      if (decided.action === 'retry') decided.delay = this.#reconnects.next();
      proceed(decided);
    });
  }

  override _warn(): void {}

  override _info(): void {}

  #schedule(clock: Clock, task: () => void, ms: number): Timer | undefined {
    if (ms >= NEVER_MS) return undefined;
    const run = () => {
      this.#forget(timer);
      task();
    };
    const timer = ms > 0 ? clock.schedule(run, ms) : new AtOnce(run);
    this.#timers = [...this.#timers, timer];
    return timer;
  }

  #cancel(timer: Timer | undefined): void {
    if (!timer) return;
    timer.cancel();
    this.#forget(timer);
  }

  #forget(timer: Timer): void {
    this.#timers = this.#timers.filter((each) => each !== timer);
  }
}

/**
 * Most connects follow the answer to the last without a wait. A timer would have each wait for a millisecond, and for
 * a turn of the event loop of its own. The library keeps the timer until the next one, and an immediate that has run
 * keeps those that ran beside it: so it is let go.
 */
class AtOnce implements Timer {
  #immediate: NodeJS.Immediate | undefined;

  constructor(task: () => void) {
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined;
      task();
    });
  }

  cancel(): void {
    clearImmediate(this.#immediate);
  }
}
