import { randomUUID } from 'node:crypto';
import { type Clock } from '@gw/kernel';
import { type RedisConnections } from '@gw/redis';
import { answeredWithin } from '../answered-within.js';
import { parseReply, type PublishMessage } from './board-codec.js';

/** Calls that may wait for an answer at the same time. */
const MAX_WAITING = 1_000;

/** Asks whoever listens at a channel; the answer comes over a channel of this instance's own. */
export class PublishCalls {
  readonly #waiting = new Map<string, (isTaken: boolean) => void>();
  #listening: Promise<unknown> | undefined;

  constructor(
    private readonly redis: RedisConnections,
    private readonly replyTo: string,
    private readonly clock: Clock,
  ) {}

  /**
   * False: not taken, not answered within `timeoutMs`, or too many wait already.
   *
   * @throws {GatewayError} `state_unavailable`
   */
  async call(
    channel: string,
    request: Pick<PublishMessage, 'api' | 'channel' | 'data'>,
    timeoutMs: number,
  ): Promise<boolean> {
    if (this.#waiting.size >= MAX_WAITING) return false;
    const id = randomUUID();
    const answer = new Promise<boolean>((resolve) => this.#waiting.set(id, resolve));
    try {
      await this.#listen();
      const message: PublishMessage = { kind: 'publish', id, ...request, replyTo: this.replyTo };
      await this.redis.run((client) => client.publish(channel, JSON.stringify(message)));
      return await answeredWithin(timeoutMs, answer, this.clock);
    } finally {
      this.#waiting.delete(id);
    }
  }

  /** Never throws: who asked notices by its deadline. */
  answer({ id, replyTo }: PublishMessage, isTaken: boolean): void {
    this.redis
      .run((client) => client.publish(replyTo, JSON.stringify({ id, isTaken })))
      .catch(() => {
        // As if we had not been there.
      });
  }

  /** From the first call on. */
  async #listen(): Promise<void> {
    this.#listening ??= this.redis.channels.listen(this.replyTo, {
      message: (text) => {
        const reply = parseReply(text);
        if (reply) this.#waiting.get(reply.id)?.(reply.isTaken);
      },
      // Answers that were missed count as not given.
      listening: () => {},
    });
    try {
      await this.#listening;
    } catch (error) {
      this.#listening = undefined;
      throw error;
    }
  }
}
