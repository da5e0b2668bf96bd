import { type UserId } from '@gw/kernel';

/** What happens at the Socket.IO edge, for logs and metrics. */
export abstract class SocketEvents {
  slowConsumer(_user: UserId): void {}
  /** It sends on although its messages are refused. */
  flooded(_user: UserId): void {}
  /** A socket was told to come back later. */
  busy(): void {}
  /** The sockets of an instance that leaves are told to go: so many, so many a second. */
  draining(_sockets: number, _perSecond: number, _isTooFast: boolean): void {}
  /** These did not leave when they were told. */
  drainIgnored(_sockets: number): void {}
  originRefused(_origin: string): void {}
  failed(_user: UserId, _error: unknown): void {}
}
