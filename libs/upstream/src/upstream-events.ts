import { type ApiName, type GatewayError, type UserId } from '@gw/kernel';

/** What happens to upstream sessions, for logs and metrics. No argument ever holds a secret. */
export abstract class UpstreamEvents {
  /** `generation` is 1 for a user's first session at this API, and grows with each that replaces a lost one. */
  initialised(_user: UserId, _api: ApiName, _generation: number): void {}
  /** `code` is the `status.code` of the answer's body, where it had one. */
  initRefused(_user: UserId, _api: ApiName, _status: number, _code: number | undefined): void {}
  /** After a 401 or 403 the request may be repeated. */
  recovered(_user: UserId, _api: ApiName, _status: number): void {}
  /** Nothing helped, or it was tried a moment ago. */
  recoveryGivenUp(_user: UserId, _api: ApiName, _status: number): void {}
  /** The upstream session may live on until it times out there. */
  logoutFailed(_user: UserId, _api: ApiName, _error: GatewayError): void {}
  /** What all instances know of the user could not be read or written; what is known here goes on being used. */
  stateFailed(_user: UserId, _error: unknown): void {}
}
