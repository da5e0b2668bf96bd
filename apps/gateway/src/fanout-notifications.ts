import { type GapEvent, type NotificationEvent, type ReadyEvent, type UpstreamEvent } from '@gw/contract';
import { ClientSink, type Fanout } from '@gw/fanout';
import { type ApiName, type UserId } from '@gw/kernel';
import { type AttachedListener, type NotificationListener, NotificationSource } from '@gw/outcomes';

/** Notifications as any client of the fan-out gets them. */
export class FanoutNotifications extends NotificationSource {
  constructor(private readonly fanout: Fanout) {
    super();
  }

  override async attach(
    user: UserId,
    api: ApiName,
    channels: readonly string[],
    listener: NotificationListener,
  ): Promise<AttachedListener> {
    const client = await this.fanout.attach({
      user: { id: user, userName: '', displayName: '' },
      channels: channels.map((channel) => ({ api, channel })),
      sink: new ListenerSink(api, listener),
    });
    return {
      subscribe: async (channel) => (await client.subscribe({ api, channel })) === 'active',
      detach: () => client.detach(),
    };
  }
}

/** A client that takes everything at once. */
class ListenerSink extends ClientSink {
  constructor(
    private readonly api: ApiName,
    private readonly listener: NotificationListener,
  ) {
    super();
  }

  override ready({ apis }: ReadyEvent): void {
    const its = apis[this.api];
    if (its) this.listener.changed(its.state);
  }

  override notification(event: NotificationEvent): void {
    this.listener.notification(event);
  }

  override gap(event: GapEvent): void {
    this.listener.gap(event);
  }

  override upstream({ state }: UpstreamEvent): void {
    this.listener.changed(state);
  }

  override isCongested(): boolean {
    return false;
  }

  override drained(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
