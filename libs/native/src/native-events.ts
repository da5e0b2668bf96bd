import { type UserId } from '@gw/kernel';

/** What native apps do and fail at, for logs and counters; never a token. Does nothing by default. */
export class NativeEvents {
  /** An authorization request was refused; `code` is the problem's, or the error that the app was told. */
  authorizationRefused(_code: string): void {}
  /** A code was exchanged, and a session began. */
  granted(_user: UserId, _clientId: string): void {}
  refreshed(_user: UserId, _clientId: string): void {}
  /** A call of the token or revocation endpoint was refused. */
  refused(_code: string, _description: string): void {}
  /** Something that works once was shown again: it has leaked, or the app is broken. Its session was ended. */
  reused(_what: 'authorization_code' | 'refresh_token'): void {}
  revoked(_user: UserId, _clientId: string): void {}
  /** An app's socket could not be made the newest of its session; one that it replaces may stay. */
  socketUnnumbered(_user: UserId, _error: unknown): void {}
}
