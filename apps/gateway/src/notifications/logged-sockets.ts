import { type Clock, type UserId } from '@gw/kernel';
import { type Logger } from 'pino';
import { SocketEvents } from './socket-events.js';

/** While sockets are refused, it is said this seldom: a storm must not become one of log lines. */
const BUSY_EVERY_MS = 1_000;

export class LoggedSockets extends SocketEvents {
  #refused = 0;

  constructor(
    private readonly log: Logger,
    private readonly clock: Clock,
  ) {
    super();
  }

  override busy(): void {
    this.#refused += 1;
    if (this.#refused > 1) return;
    this.clock.schedule(() => {
      this.log.warn({ sockets: this.#refused }, 'sockets refused: busy');
      this.#refused = 0;
    }, BUSY_EVERY_MS);
  }

  override draining(sockets: number, perSecond: number, isTooFast: boolean): void {
    const facts = { sockets, perSecond: Math.round(perSecond) };
    if (isTooFast) this.log.warn(facts, 'sockets leave faster than the others admit: raise DRAIN_TIMEOUT_MS');
    else this.log.info(facts, 'sockets are told to leave');
  }

  override drainIgnored(sockets: number): void {
    this.log.info({ sockets }, 'sockets closed that had been told to leave');
  }

  override slowConsumer(user: UserId): void {
    this.log.warn({ user }, 'client disconnected: slow_consumer');
  }

  override flooded(user: UserId): void {
    this.log.warn({ user }, 'client disconnected: it floods the socket');
  }

  override originRefused(origin: string): void {
    this.log.warn({ origin }, 'socket refused: its origin is not in ALLOWED_ORIGINS');
  }

  override failed(user: UserId, err: unknown): void {
    this.log.error({ user, err }, 'socket request failed');
  }
}
