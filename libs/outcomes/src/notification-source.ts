import { type ConnectionState, type GapEvent, type NotificationEvent } from '@gw/contract';
import { type ApiName, type UserId } from '@gw/kernel';

/** What a listener hears, in order. */
export interface NotificationListener {
  notification(event: NotificationEvent): void;
  gap(event: GapEvent): void;
  /** The state of the connection to the API: at once, and when it changes. */
  changed(state: ConnectionState): void;
}

/** A user's notifications as any client gets them, whichever instance has the upstream session. */
export abstract class NotificationSource {
  /**
   * From here on nothing that is journaled of these channels is missed.
   *
   * @throws {GatewayError} when the user cannot be listened to, or has too many clients.
   */
  abstract attach(
    user: UserId,
    api: ApiName,
    channels: readonly string[],
    listener: NotificationListener,
  ): Promise<AttachedListener>;
}

export interface AttachedListener {
  /**
   * Resolves with whether the upstream tells us all of `channel` from now on; if it does not yet, it will.
   *
   * @throws {GatewayError} when it will not.
   */
  subscribe(channel: string): Promise<boolean>;
  /** Idempotent; nothing is heard afterwards. */
  detach(): void;
}
