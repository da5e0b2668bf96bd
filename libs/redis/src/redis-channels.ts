import { nextTick } from 'node:process';
import { type Clock, GatewayError, type Timer } from '@gw/kernel';
import { type Redis } from 'ioredis';
import { Deadline } from './deadline.js';

export interface ChannelListener {
  message(text: string): void;
  /** We listen from now on, for the first time or again: what was said before may have been missed. */
  listening(): void;
}

/** Deadline of a subscription, in milliseconds. */
const SUBSCRIBE_TIMEOUT_MS = 2_000;
const RECONNECT_MS = { first: 100, max: 1_000 };
/** Most channels asked for in one command. */
const BATCH = 500;

/** Channels that are asked for at the end of this turn of the event loop. */
interface Batch {
  readonly channels: Set<string>;
  readonly answered: Promise<unknown>;
}

/**
 * Messages of Redis channels, over one connection that is made again whenever it breaks. A message that
 * was published meanwhile is lost: then each listener is told to look for itself (`listening`).
 */
export class RedisChannels {
  /** Hardly ever more than one a channel, of channels that are as many as users. */
  readonly #listeners = new Map<string, readonly ChannelListener[]>();
  readonly #deadline: Deadline;
  /** Channels that the present connection listens to, or was asked to. */
  #asked = new Map<string, Promise<unknown>>();
  #batch: Batch | undefined;
  #connection: Redis | undefined;
  #again: Timer | undefined;
  #failures = 0;
  #closed = false;

  constructor(
    private readonly open: () => Redis,
    private readonly clock: Clock,
    private readonly changed: (state: 'connected' | 'disconnected', error?: unknown) => void,
  ) {
    this.#deadline = new Deadline(SUBSCRIBE_TIMEOUT_MS, clock);
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  start(): void {
    this.#again = undefined;
    const connection = this.open();
    connection.on('message', (channel: string, text: string) => this.#hear(channel, text));
    let failure: unknown;
    // Without a listener an error would end the process.
    connection.on('error', (error: unknown) => (failure = error));
    connection.once('end', () => this.#lost(connection, failure));
    connection.connect().then(
      () => this.#connected(connection),
      (error: unknown) => {
        failure ??= error;
        connection.disconnect();
      },
    );
  }

  /** Whenever there is a connection. Returns how to stop. */
  follow(channel: string, listener: ChannelListener): () => void {
    const others = this.#listeners.get(channel) ?? [];
    this.#listeners.set(channel, others.concat(listener));
    if (others.length === 0) this.#ask(channel);
    else
      this.#asked.get(channel)?.then(
        () => listener.listening(),
        () => {},
      );
    return () => this.#leave(channel, listener);
  }

  /**
   * As `follow`, and resolves when nothing that is published from now on is missed.
   *
   * @throws {GatewayError} `state_unavailable`; then it does not listen.
   */
  async listen(channel: string, listener: ChannelListener): Promise<() => void> {
    const stop = this.follow(channel, listener);
    try {
      const asked = this.#asked.get(channel);
      if (!asked) throw new Error('not connected');
      await asked;
      return stop;
    } catch (cause) {
      stop();
      throw new GatewayError('state_unavailable', 'unavailable', 'the shared state cannot be reached', {
        cause,
      });
    }
  }

  close(): void {
    this.#closed = true;
    this.#again?.cancel();
    this.#connection?.disconnect();
  }

  /** Gives the present connection up: it may be dead without knowing. */
  reconnect(): void {
    this.#connection?.disconnect();
  }

  #connected(connection: Redis): void {
    if (this.#closed) {
      connection.disconnect();
      return;
    }
    this.#connection = connection;
    this.#failures = 0;
    this.#asked = new Map();
    this.changed('connected');
    for (const channel of this.#listeners.keys()) this.#ask(channel);
  }

  /** However many are asked for in one turn, by however many users who come at once: it is one command. */
  #ask(channel: string): void {
    const connection = this.#connection;
    if (!connection) return;
    if (!this.#batch || this.#batch.channels.size >= BATCH) this.#batch = this.#openBatch(connection);
    this.#batch.channels.add(channel);
    this.#asked.set(channel, this.#batch.answered);
  }

  #openBatch(connection: Redis): Batch {
    const channels = new Set<string>();
    const answered = new Promise<void>(nextTick).then(() => {
      if (this.#batch === batch) this.#batch = undefined;
      return this.#subscribe(connection, channels);
    });
    const batch = { channels, answered };
    answered.then(
      () => {
        if (this.#connection === connection) for (const channel of channels) this.#tellListening(channel);
      },
      // What was asked for is in doubt; a new connection puts that right.
      () => connection.disconnect(),
    );
    return batch;
  }

  async #subscribe(connection: Redis, channels: ReadonlySet<string>): Promise<void> {
    const wanted = [...channels].filter((channel) => this.#listeners.has(channel));
    if (wanted.length > 0) await this.#deadline.within(connection.subscribe(...wanted));
  }

  #lost(connection: Redis, error: unknown): void {
    const wasConnected = this.#connection === connection;
    if (wasConnected) {
      this.#connection = undefined;
      this.#batch = undefined;
      this.#asked = new Map();
    }
    if (this.#closed) return;
    if (wasConnected || this.#failures === 0) this.changed('disconnected', error);
    const delay = Math.min(RECONNECT_MS.first * 2 ** this.#failures, RECONNECT_MS.max);
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#again = this.clock.schedule(() => this.start(), delay * (0.75 + Math.random() / 2));
  }

  #leave(channel: string, listener: ChannelListener): void {
    const listeners = this.#listeners.get(channel);
    if (!listeners?.includes(listener)) return;
    const others = listeners.filter((each) => each !== listener);
    if (others.length > 0) {
      this.#listeners.set(channel, others);
      return;
    }
    this.#listeners.delete(channel);
    this.#asked.delete(channel);
    this.#connection?.unsubscribe(channel).catch(() => {});
  }

  #hear(channel: string, text: string): void {
    for (const listener of this.#listeners.get(channel) ?? []) listener.message(text);
  }

  #tellListening(channel: string): void {
    for (const listener of this.#listeners.get(channel) ?? []) listener.listening();
  }
}
