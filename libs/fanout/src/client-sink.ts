import {
  type Cursor,
  type GapEvent,
  type NotificationEvent,
  type ReadyEvent,
  type UpstreamEvent,
} from '@gw/contract';

/** One attached client as the fan-out sees it: a socket, or any other way to send events in order. */
export abstract class ClientSink {
  abstract ready(event: ReadyEvent): void;
  abstract notification(event: NotificationEvent): void;
  abstract gap(event: GapEvent): void;
  abstract upstream(event: UpstreamEvent): void;

  /**
   * All that was in the journal up to `cursor` has been given, or is on channels that this client does not
   * have. Whoever comes back with `cursor` misses nothing.
   */
  caughtUp(_cursor: Cursor): void {}

  /** More waits to be sent than should; nothing more is given until `drained`. */
  abstract isCongested(): boolean;

  /**
   * Resolves with true when the client took so much that it is not congested any more. With false when it
   * is gone, or was given up for taking too long: nothing more is sent then.
   */
  abstract drained(): Promise<boolean>;
}
