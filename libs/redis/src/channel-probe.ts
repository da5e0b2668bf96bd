import { randomUUID } from 'node:crypto';
import { type Clock, type Timer } from '@gw/kernel';
import { type RedisChannels } from './redis-channels.js';

const INTERVAL_MS = 1_000;
/** Probes that may go unheard before the connection counts as dead. */
const MAX_UNHEARD = 3;

/**
 * Says something to itself every second: a connection that is dead without knowing, or that listens at a
 * node which left the cluster, is noticed by its silence.
 */
export class ChannelProbe {
  readonly #channel = `probe:${randomUUID()}`;
  readonly #stop: () => void;
  #timer: Timer | undefined;
  #unheard = 0;

  constructor(
    private readonly channels: RedisChannels,
    private readonly publish: (channel: string) => Promise<unknown>,
    private readonly clock: Clock,
  ) {
    const heard = () => (this.#unheard = 0);
    this.#stop = channels.follow(this.#channel, { message: heard, listening: heard });
    this.#arm();
  }

  close(): void {
    this.#timer?.cancel();
    this.#stop();
  }

  #arm(): void {
    this.#timer = this.clock.schedule(() => {
      this.#probe();
      this.#arm();
    }, INTERVAL_MS);
  }

  #probe(): void {
    if (!this.channels.isConnected) return;
    if (this.#unheard >= MAX_UNHEARD) {
      this.#unheard = 0;
      this.channels.reconnect();
      return;
    }
    this.publish(this.#channel).then(
      () => (this.#unheard += 1),
      // Says nothing about the other connection.
      () => {},
    );
  }
}
