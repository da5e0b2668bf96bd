import { type UserId } from '@gw/kernel';

/** What becomes of requests with an idempotency key, for logs and metrics. No argument holds a key. */
export abstract class IdempotencyEvents {
  /** The first answer was given again. */
  repeated(_user: UserId): void {}
  refused(_user: UserId, _code: string): void {}
  /** What became of a request could not be kept: repeats of it will be refused. */
  notKept(_user: UserId, _error: unknown): void {}
}
