import { type ConnectionState } from '@gw/contract';
import { type ApiName, type UserId } from '@gw/kernel';

/** What happens in the fan-out, for logs and metrics. No argument ever holds a secret or a payload. */
export abstract class FanoutEvents {
  upstreamChanged(_user: UserId, _api: ApiName, _state: ConnectionState, _reason?: string): void {}
  /** The way to a CometD session failed below it; it is tried again. */
  connectFailed(_user: UserId, _api: ApiName, _error: unknown): void {}
  /** A CometD session begins anew; the handshake has its turn. */
  handshake(_api: ApiName): void {}
  /** `count` notifications went into the journal. */
  journaled(_user: UserId, _api: ApiName, _count: number): void {}
  /** A batch could not be stored; the upstream delivers it again. */
  journalFailed(_user: UserId, _api: ApiName, _error: unknown): void {}
  /** Another instance owns the CometD session now; ours has stopped. */
  ownershipLost(_user: UserId, _api: ApiName): void {}
  /** The session of another instance, which died or left, goes on here. */
  tookOver(_user: UserId, _api: ApiName): void {}
  /** What an instance that is gone left behind of a user was not taken over; the user's next client does it. */
  takeoverFailed(_user: UserId | undefined, _error: unknown): void {}
  /** The lease could not be given back; that is tried again, and it ends with this instance. */
  releaseFailed(_user: UserId, _api: ApiName, _error: unknown): void {}
  /** What the instances tell one another could not be read or written; it is tried again. */
  boardFailed(_user: UserId, _error: unknown): void {}
  /** `count` notifications were given to one client. */
  delivered(_user: UserId, _count: number): void {}
  gapReported(_user: UserId, _api: ApiName, _reason: string): void {}
  /** Reading on for a client failed; it is tried again. */
  readFailed(_user: UserId, _error: unknown): void {}
  clientAttached(_user: UserId, _recovered: boolean): void {}
  clientDetached(_user: UserId): void {}
}
