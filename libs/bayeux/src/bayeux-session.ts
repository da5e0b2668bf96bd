import { type SavedState } from './saved-session.js';

/** What one reply of the upstream carried, to be stored whole before it is acknowledged. */
export interface Inbound {
  /** A handshake succeeded in it: everything before belongs to another Bayeux session. */
  readonly sessionStart: boolean;
  /** Before these messages some may have been lost, although the session lives on. */
  readonly loss: boolean;
  readonly messages: readonly { readonly channel: string; readonly data: unknown }[];
  /**
   * Names the acknowledgement that this batch follows. A server that was not told that a batch arrived
   * delivers it again, so an inbound with the same `follows` as one before begins with the messages of
   * that one. Undefined where the server takes part in no acknowledgements: there, nothing is repeated.
   */
  readonly follows?: string | undefined;
  /**
   * What another process needs to go on from here, once this is stored; for `BayeuxSession.resume` and
   * `endSaved`. It holds the session's client id, which is as good as a password: never store it in clear.
   * It stays the same, while the server changes nothing of the session.
   */
  readonly state: string;
  /**
   * How far the session has come: to be stored with `state`, and no secret. It moves with each batch. Undefined
   * where the server takes part in no acknowledgements.
   */
  readonly mark?: string | undefined;
}

export type BayeuxState = 'connecting' | 'connected' | 'interrupted' | 'refused';

export interface BayeuxListener {
  /**
   * Stores what came. The next connect, and so the acknowledgement, waits for it; when it fails, the
   * batch is not acknowledged and the upstream delivers it again. It may call `abandon` before it ends.
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

  /**
   * Instead of `start`: goes on with the session of another process, without a handshake. `saved` is that
   * of the last inbound that was stored. `subscribed` are the channels that the server has granted, and
   * count as active; what else is in `wanted` is asked for once connected. A channel that is in
   * `subscribed` alone stays subscribed until it is unsubscribed.
   *
   * What the other process received and did not store comes again when the server takes part in
   * acknowledgements; when not, the first inbound reports a loss, if need be without a message. Where the
   * server knows the session no more, or `saved` cannot be read, a new session begins with all of these
   * channels, as `start` would.
   */
  abstract resume(saved: SavedState, subscribed: Iterable<string>, wanted: Iterable<string>): void;

  /** Resolves with the server's answer, at the latest when the request's own deadline is over. */
  abstract subscribe(channel: string): Promise<SubscribeOutcome>;

  abstract unsubscribe(channel: string): void;

  /** Resolves with whether the server took it. Never repeated: it may have been taken all the same. */
  abstract publish(channel: string, data: unknown): Promise<boolean>;

  /** Gives the current session up and handshakes anew. */
  abstract restart(): void;

  /** Ends the session at the server as well (within 5 s) and stops. Idempotent. */
  abstract close(): Promise<void>;

  /**
   * Stops at once and leaves the session to another process: the server is told nothing, what is under way
   * is aborted, and the listener is not called again, though a `receive` that runs already runs on. What
   * waits for an answer gets `pending` or false. Idempotent; `close` has nothing left to do after it.
   */
  abstract abandon(): void;
}
