import { nextTick } from 'node:process';
import { type Clock, GatewayError } from '@gw/kernel';
import { ChannelProbe } from './channel-probe.js';
import { Deadline } from './deadline.js';
import { RedisChannels } from './redis-channels.js';
import { openCommands, openListener, REDIS_TIMEOUT_MS, type RedisClient } from './redis-client.js';
import { type RedisEvents } from './redis-events.js';
import { type RedisTarget } from './redis-target.js';

const READY_POLL_MS = 20;

/**
 * This process's two connections to Redis: one for commands, one to listen with. Both are made again
 * whenever they break; meanwhile commands fail at once.
 */
export class RedisConnections {
  readonly channels: RedisChannels;
  readonly #commands: RedisClient;
  readonly #probe: ChannelProbe;
  readonly #deadline: Deadline;

  /** Begins to connect; returns at once. */
  constructor(
    target: RedisTarget,
    private readonly clock: Clock,
    events: RedisEvents,
  ) {
    this.#commands = openCommands(target);
    this.#deadline = new Deadline(REDIS_TIMEOUT_MS, clock);
    let failure: unknown;
    let wasReady = false;
    this.#commands.on('error', (error: unknown) => (failure = error));
    this.#commands.on('ready', () => {
      wasReady = true;
      events.connected('commands');
    });
    this.#commands.on('close', () => {
      if (wasReady) events.disconnected('commands', failure);
      wasReady = false;
    });
    this.channels = new RedisChannels(
      () => openListener(target, this.#commands),
      clock,
      (state, error) => {
        if (state === 'connected') events.connected('channels');
        else events.disconnected('channels', error);
      },
    );
    this.channels.start();
    this.#probe = new ChannelProbe(
      this.channels,
      (channel) => this.run((client) => client.publish(channel, '')),
      clock,
    );
  }

  /**
   * Carries out a command. It may have been carried out even where this fails.
   *
   * @throws {GatewayError} `state_unavailable`, at the latest after two seconds.
   */
  async run<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    try {
      this.#gather();
      return await this.#deadline.within(command(this.#commands));
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  /**
   * Resolves when both connections are there.
   *
   * @throws {GatewayError} `state_unavailable` after `timeoutMs`; it goes on trying all the same.
   */
  async ready(timeoutMs: number): Promise<void> {
    const deadline = this.clock.now() + timeoutMs;
    while (!this.isReady) {
      if (this.clock.now() >= deadline) throw unavailable();
      await new Promise<void>((resolve) => this.clock.schedule(resolve, READY_POLL_MS));
    }
  }

  get isReady(): boolean {
    return this.#commands.status === 'ready' && this.channels.isConnected;
  }

  /** Idempotent. What is under way fails. */
  close(): void {
    this.#probe.close();
    this.channels.close();
    this.#commands.disconnect();
  }

  /**
   * All that is sent in one turn of the event loop, for however many users, leaves in one write: a system call costs
   * more than a command. Nothing waits for it. Of a cluster, each node is written to by itself.
   */
  #gather(): void {
    if (!('stream' in this.#commands)) return;
    const { stream } = this.#commands;
    // Absent while there is no connection, whatever the library's types say.
    if (!(stream as typeof stream | undefined) || stream.writableCorked > 0) return;
    stream.cork();
    nextTick(() => stream.uncork());
  }
}

function unavailable(cause?: unknown): GatewayError {
  return new GatewayError('state_unavailable', 'unavailable', 'the shared state cannot be reached', {
    cause,
  });
}
