import {
  type DrainEvent,
  type GapEvent,
  type NotificationEvent,
  type ReadyEvent,
  type SessionEvent,
  type UpstreamEvent,
} from '@gw/contract';
import { eventually } from '@gw/kernel/testing';
import { EventSource } from 'eventsource';
import { type Heard } from './history.js';
import { type Person } from './person.js';

export type StreamEvent =
  | ({ type: 'ready' } & ReadyEvent)
  | ({ type: 'notification' } & NotificationEvent)
  | ({ type: 'gap' } & GapEvent)
  | ({ type: 'upstream' } & UpstreamEvent)
  | ({ type: 'session' } & SessionEvent)
  | ({ type: 'drain' } & DrainEvent);

const TYPES = ['ready', 'notification', 'gap', 'upstream', 'session', 'drain'] as const;

export interface StreamOptions {
  readonly after?: string | undefined;
  /** As `api:channel`; absent: the default ones. */
  readonly channels?: string | undefined;
  /** Where its connections go; by default to the public URL. */
  readonly address?: string | undefined;
}

/** A real EventSource that remembers all it was sent, in order. */
export class StreamClient {
  readonly source: EventSource;
  readonly received: StreamEvent[] = [];
  /** Of each event, where the client would come back to. */
  readonly ids: string[] = [];
  /** HTTP status of each connection that it made. */
  readonly statuses: number[] = [];

  constructor(person: Person, publicUrl: string, { after, channels, address }: StreamOptions = {}) {
    const url = new URL(`${address ?? publicUrl}/notifications/stream`);
    if (after !== undefined) url.searchParams.set('after', after);
    if (channels !== undefined) url.searchParams.set('channels', channels);
    this.source = new EventSource(url, {
      fetch: async (input, init) => {
        const cookie = person.agent.cookieHeader(publicUrl);
        const response = await fetch(input, { ...init, headers: { ...init.headers, cookie } });
        this.statuses.push(response.status);
        return response;
      },
    });
    for (const type of TYPES) {
      this.source.addEventListener(type, (event) => {
        this.received.push({ type, ...(JSON.parse(event.data as string) as object) } as StreamEvent);
        this.ids.push(event.lastEventId);
      });
    }
  }

  get notifications(): NotificationEvent[] {
    return this.received.filter((event) => event.type === 'notification');
  }

  get data(): unknown[] {
    return this.notifications.map(({ data }) => data);
  }

  get gaps(): GapEvent[] {
    return this.received.filter((event) => event.type === 'gap');
  }

  /** Where each notification is a number. */
  get heard(): Heard {
    return this.received.flatMap((event): Heard => {
      if (event.type === 'gap') return ['gap'];
      return event.type === 'notification' ? [event.data as number] : [];
    });
  }

  get types(): string[] {
    return this.received.map(({ type }) => type);
  }

  ready(): Promise<ReadyEvent> {
    return eventually(() => {
      const ready = this.received.find((event) => event.type === 'ready');
      if (!ready) throw new Error(`no ready event; statuses: ${this.statuses.join(', ')}`);
      return ready;
    });
  }

  /** Waits until the API delivers. */
  async connected(api: string): Promise<void> {
    const { apis } = await this.ready();
    await eventually(() => {
      const changes = this.received.filter((event) => event.type === 'upstream' && event.api === api);
      const last = changes.at(-1) ?? apis[api];
      if (!last || !('state' in last) || last.state !== 'connected')
        throw new Error(`${api}: ${JSON.stringify(last)}`);
    });
  }

  close(): void {
    this.source.close();
  }
}
