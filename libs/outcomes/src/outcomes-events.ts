import { type Outcome } from '@gw/contract';
import { type ApiName, type UserId } from '@gw/kernel';
import { type Doubt } from './pending-outcome.js';

/** What becomes of commands whose client waits, for logs and metrics. No argument ever holds a payload. */
export abstract class OutcomesEvents {
  /** `waitedMs` since the command was received; `doubt` says why, where the state is `unknown`. */
  settled(_user: UserId, _api: ApiName, _state: Outcome['state'], _waitedMs: number, _doubt?: Doubt): void {}
  /** The user's notifications could not be listened to. */
  listenFailed(_user: UserId, _api: ApiName, _error: unknown): void {}
}
