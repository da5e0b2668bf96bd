import { type UserId } from '@gw/kernel';
import { type Logger } from 'pino';
import { SocketEvents } from './socket-events.js';

export class LoggedSockets extends SocketEvents {
  constructor(private readonly log: Logger) {
    super();
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
