/** What one reply of the upstream carried, to be stored whole before it is acknowledged. */
export interface Inbound {
  /** A handshake succeeded in it: everything before belongs to another Bayeux session. */
  readonly sessionStart: boolean;
  /** Before these messages some may have been lost, although the session lives on. */
  readonly loss: boolean;
  readonly messages: readonly { readonly channel: string; readonly data: unknown }[];
}

export type BayeuxState = 'connecting' | 'connected' | 'interrupted' | 'refused';

export interface BayeuxListener {
  /**
   * Stores what came. The next connect, and so the acknowledgement, waits for it; when it fails, the
   * batch is not acknowledged and the upstream delivers it again.
   */
  receive(inbound: Inbound): Promise<void>;
  /** Called at each change only. `refused` is final: the session has stopped. */
  stateChanged(state: BayeuxState, reason?: string): void;
}

/** `pending`: it is asked for again, until the upstream answers, with every (re)connection. */
export type SubscribeOutcome = 'active' | 'pending' | 'refused';

/**
 * One Bayeux session with one server, kept up across failures: reconnection with back-off, a new
 * handshake when the server forgot us (at a guarded rate), and the subscriptions made again after it.
 */
export abstract class BayeuxSession {
  /** Begins to connect; returns at once. `channels` are subscribed with the handshake. */
  abstract start(channels: Iterable<string>): void;

  /** Resolves with the server's answer, at the latest when the request's own deadline is over. */
  abstract subscribe(channel: string): Promise<SubscribeOutcome>;

  abstract unsubscribe(channel: string): void;

  /** Resolves with whether the server took it. Never repeated: it may have been taken all the same. */
  abstract publish(channel: string, data: unknown): Promise<boolean>;

  /** Gives the current session up and handshakes anew. */
  abstract restart(): void;

  /** Ends the session at the server as well (within 5 s) and stops. Idempotent. */
  abstract close(): Promise<void>;
}
