import { type ConnectionState, type NotificationEvent } from '@gw/contract';
import { type ApiName, type UserId } from '@gw/kernel';
import {
  type AttachedListener,
  type NotificationListener,
  NotificationSource,
} from '../notification-source.js';

interface Attached {
  readonly user: UserId;
  readonly api: ApiName;
  readonly channels: string[];
  readonly listener: NotificationListener;
}

/** Notifications that a test makes. Everybody's connection is in the same state. */
export class ScriptedNotifications extends NotificationSource {
  readonly attached = new Set<Attached>();
  attachments = 0;
  state: ConnectionState = 'connected';
  /** When set, who attaches or subscribes is refused. */
  refusal: Error | undefined;
  #sequence = 0;

  override async attach(
    user: UserId,
    api: ApiName,
    channels: readonly string[],
    listener: NotificationListener,
  ): Promise<AttachedListener> {
    if (this.refusal) throw this.refusal;
    const attached: Attached = { user, api, channels: [...channels], listener };
    this.attached.add(attached);
    this.attachments += 1;
    listener.changed(this.state);
    return Promise.resolve({
      subscribe: async (channel) => {
        if (this.refusal) throw this.refusal;
        attached.channels.push(channel);
        return Promise.resolve(this.state === 'connected');
      },
      detach: () => this.attached.delete(attached),
    });
  }

  publish(data: unknown, to?: UserId): NotificationEvent | undefined {
    this.#sequence += 1;
    let event: NotificationEvent | undefined;
    for (const { api, user, listener } of this.attached) {
      if (to !== undefined && to !== user) continue;
      const receivedAt = new Date(0).toISOString();
      event = { cursor: `epoch.${this.#sequence}`, api, channel: '/c', data, receivedAt };
      listener.notification(event);
    }
    return event;
  }

  gap(): void {
    for (const { api, listener } of this.attached)
      listener.gap({ api, reason: 'upstream', cursor: 'epoch.1' });
  }

  change(state: ConnectionState): void {
    this.state = state;
    for (const { listener } of this.attached) listener.changed(state);
  }
}
