import { EventEmitter } from 'node:events';
import { type ServerResponse } from 'node:http';

export interface BayeuxReply {
  readonly status: number;
  readonly setCookies: readonly string[];
  readonly body: string;
}

/**
 * The response that the CometD server writes to. It hands the reply over in place of sending it, so that
 * cookies of the API can join and faults can strike; `finish` and `error` follow what becomes of the real
 * response, because the life of a CometD session is counted from there.
 */
export class CapturedResponse extends EventEmitter {
  statusCode = 200;
  readonly reply: Promise<BayeuxReply | undefined>;
  readonly #setCookies: string[] = [];
  #resolve: (reply: BayeuxReply | undefined) => void = () => {};

  constructor(private readonly raw: ServerResponse) {
    super();
    this.reply = new Promise((resolve) => (this.#resolve = resolve));
    raw.once('close', () => this.#resolve(undefined));
  }

  /** The CometD server gives up when it is missing or destroyed. */
  get socket(): { readonly destroyed: boolean } | null {
    return this.raw.socket;
  }

  setHeader(name: string, value: string): void {
    if (name.toLowerCase() === 'set-cookie') this.#setCookies.push(value);
  }

  end(body = ''): void {
    this.raw.once('finish', () => this.emit('finish'));
    this.raw.once('close', () => {
      if (!this.raw.writableFinished && this.listenerCount('error') > 0) {
        this.emit('error', new Error('connection closed'));
      }
    });
    this.#resolve({
      status: this.statusCode,
      setCookies: this.#setCookies,
      body: withoutServerDisconnect(body),
    });
  }
}

/**
 * The library announces a session that the server ends by a /meta/disconnect message, which would make
 * a client stop for good. The platform never does: it just does not know the session any more.
 */
function withoutServerDisconnect(body: string): string {
  if (!body.includes('"/meta/disconnect"')) return body;
  const messages = JSON.parse(body) as { readonly channel: string; readonly id?: string }[];
  return JSON.stringify(
    messages.filter(({ channel, id }) => channel !== '/meta/disconnect' || id !== undefined),
  );
}
