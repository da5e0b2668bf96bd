import { AckExtension, CometD, type Message } from 'cometd';
import { adapt } from 'cometd-nodejs-client';
import { type Api } from '../apis.js';
import { type HttpClient } from './http-client.js';

export interface Heard {
  readonly channel: string;
  readonly data: unknown;
}

interface Jar {
  readonly cookies: Map<string, string>;
}

// The two hooks of one request get the same URI object: that is how a reply's cookie finds its client's jar.
const jars = new WeakMap<object, Jar>();
adapt({
  cookies: {
    retrieveCookies: (context: Jar, uri: object, answer) => {
      jars.set(uri, context);
      answer(
        null,
        [...context.cookies].map(([name, value]) => `${name}=${value}`),
      );
    },
    storeCookie: (uri: object, header, answer) => {
      const [pair = ''] = header.split(';');
      const at = pair.indexOf('=');
      jars.get(uri)?.cookies.set(pair.slice(0, at), pair.slice(at + 1));
      answer(null, pair);
    },
  },
});

/** The real client library, with the cookies of `http`: subscribes in every handshake, and notes what it hears. */
export class CometdClient {
  readonly heard: Heard[] = [];
  readonly connects: Message[] = [];
  readonly #cometd = new CometD();

  constructor(http: HttpClient, api: Api, channels: readonly string[]) {
    this.#cometd.unregisterTransport('websocket');
    this.#cometd.unregisterTransport('callback-polling');
    Object.assign(this.#cometd.findTransport('long-polling') ?? {}, { context: http });
    this.#cometd.registerExtension('ack', new AckExtension());
    this.#cometd.configure({
      url: `${http.url}/${api}/v3/notifications`,
      requestHeaders: http.headers,
      logLevel: 'warn',
    });
    this.#cometd.addListener('/meta/connect', (message) => this.connects.push(message));
    this.#cometd.addListener('/meta/handshake', (message) => {
      if (message.successful) this.#subscribe(channels);
    });
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#cometd.handshake((reply) => {
        if (reply.successful) resolve();
        else reject(new Error(`handshake: ${JSON.stringify(reply)}`));
      });
    });
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#cometd.disconnect(() => resolve()));
  }

  #subscribe(channels: readonly string[]): void {
    this.#cometd.batch(() => {
      for (const channel of channels) {
        this.#cometd.subscribe(channel, (message) => {
          this.heard.push({ channel: message.channel, data: message.data as unknown });
        });
      }
    });
  }
}
