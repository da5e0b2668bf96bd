import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { createCometDServer, type CometDServer } from 'cometd-nodejs-server';
import { AcknowledgedMessagesExtension } from 'cometd-nodejs-server/ack-extension.js';

interface SentMessage {
  readonly channel: string;
  readonly subscription?: string;
  readonly ext?: { readonly ack?: number | boolean };
}

/** Answers a request in place of the server; returns false to let the server answer. */
type Interceptor = (messages: readonly SentMessage[], response: ServerResponse) => boolean;

export interface BayeuxServerOptions {
  readonly acks?: boolean;
  readonly timeoutMs?: number;
  readonly maxIntervalMs?: number;
}

/** A real CometD server that remembers what it was sent, and can be made to misbehave. */
export class BayeuxServer {
  /** Every message that clients sent, in order of arrival. */
  readonly received: SentMessage[] = [];
  intercept: Interceptor = () => false;
  readonly #http = createServer((request, response) => void this.#handle(request, response));
  readonly #cometd: CometDServer;

  private constructor({ acks = true, timeoutMs = 5_000, maxIntervalMs = 3_000 }: BayeuxServerOptions) {
    this.#cometd = createCometDServer({ timeout: timeoutMs, maxInterval: maxIntervalMs, sweepPeriod: 100 });
    if (acks) this.#cometd.addExtension(new AcknowledgedMessagesExtension());
  }

  static async start(options: BayeuxServerOptions = {}): Promise<BayeuxServer> {
    const server = new BayeuxServer(options);
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/notifications`;
  }

  count(channel: string): number {
    return this.received.filter((message) => message.channel === channel).length;
  }

  /** The acknowledgement of each connect so far. */
  get acks(): (number | boolean | undefined)[] {
    return this.received.filter(({ channel }) => channel === '/meta/connect').map(({ ext }) => ext?.ack);
  }

  subscribers(channel: string): number {
    return this.#cometd.createServerChannel(channel).subscribers.length;
  }

  publish(channel: string, data: unknown): void {
    this.#cometd.createServerChannel(channel).publish(null, data);
  }

  /** Answers the next connect as a server does that knows no such session. */
  forgetOnce(): void {
    this.intercept = (messages, response) => {
      const connect = messages.find(({ channel }) => channel === '/meta/connect');
      if (!connect) return false;
      this.intercept = () => false;
      const advice = { reconnect: 'handshake', interval: 0 };
      response.end(
        JSON.stringify([{ ...connect, successful: false, error: '402::session_unknown', advice }]),
      );
      return true;
    };
  }

  /** Throws every session out that is subscribed to `channel`. */
  expel(channel: string): void {
    for (const session of [...this.#cometd.createServerChannel(channel).subscribers]) session.disconnect();
  }

  async close(): Promise<void> {
    this.#cometd.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const messages = JSON.parse(Buffer.concat(chunks).toString('utf8')) as SentMessage[];
    this.received.push(...messages);
    if (this.intercept(messages, response)) return;
    // Where the server looks for a body that was read already.
    Object.assign(request, { body: messages });
    this.#cometd.handle(request, response);
  }
}
