import { type Caller } from '../http/caller.js';

/** What happens inside the CometD server; the default does nothing. */
export abstract class BayeuxEvents {
  sessionAdded(_owner: Caller, _session: BayeuxSession): void {}
  sessionRemoved(_owner: Caller, _remaining: number): void {}
  subscribed(_owner: Caller, _session: BayeuxSession, _channel: string): void {}
  unsubscribed(_owner: Caller, _channel: string): void {}
  /** Another session of the same browser polls already: this one is told to poll every 2 s. */
  multipleClientsAdvised(_owner: Caller): void {}
  unknownSessionRefused(_caller: Caller): void {}
}

/** One CometD session, bound for life to who shook hands. */
export interface BayeuxSession {
  readonly clientId: string;
  /** All in one reply, if one is awaited. */
  deliver(channel: string, datas: readonly unknown[]): void;
}
