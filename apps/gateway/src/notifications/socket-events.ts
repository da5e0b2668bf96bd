import { type UserId } from '@gw/kernel';

/** What happens at the Socket.IO edge, for logs and metrics. */
export abstract class SocketEvents {
  slowConsumer(_user: UserId): void {}
  /** It sends on although its messages are refused. */
  flooded(_user: UserId): void {}
  originRefused(_origin: string): void {}
  failed(_user: UserId, _error: unknown): void {}
}
