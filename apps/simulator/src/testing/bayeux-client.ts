import { z } from 'zod';
import { type Api } from '../apis.js';
import { type Answer, type HttpClient } from './http-client.js';

const repliesSchema = z.array(
  z.looseObject({
    channel: z.string(),
    id: z.string().optional(),
    clientId: z.string().optional(),
    successful: z.boolean().optional(),
    error: z.string().optional(),
    advice: z.record(z.string(), z.unknown()).optional(),
    ext: z.record(z.string(), z.unknown()).optional(),
    data: z.unknown().optional(),
  }),
);
export type Replies = z.infer<typeof repliesSchema>;

/** Bayeux by hand, one HTTP request at a time: for what a real client hides. */
export class BayeuxClient {
  clientId = '';
  #id = 0;

  constructor(
    readonly http: HttpClient,
    private readonly api: Api,
  ) {}

  async handshake(ext?: object): Promise<Replies> {
    const replies = repliesOf(await this.send('/handshake', '/meta/handshake', { version: '1.0', ext }));
    this.clientId = replies[0]?.clientId ?? '';
    return replies;
  }

  async subscribe(subscription: string | string[]): Promise<Replies> {
    return repliesOf(await this.send('/', '/meta/subscribe', { subscription }));
  }

  async connect(more: object = {}): Promise<Replies> {
    return repliesOf(await this.send('/connect', '/meta/connect', more));
  }

  send(path: string, channel: string, more: object = {}, signal?: AbortSignal): Promise<Answer> {
    const connection = { connectionType: 'long-polling', supportedConnectionTypes: ['long-polling'] };
    const message = { id: String(++this.#id), channel, clientId: this.clientId, ...connection, ...more };
    return this.http.post(`/${this.api}/v3/notifications${path}`, [message], signal);
  }

  static async listening(http: HttpClient, api: Api, ...channels: string[]): Promise<BayeuxClient> {
    const client = new BayeuxClient(http, api);
    await client.handshake();
    await client.subscribe(channels);
    return client;
  }
}

export function repliesOf(answer: Answer): Replies {
  return repliesSchema.parse(answer.json);
}
