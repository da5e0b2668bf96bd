import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export type Answerer = (
  request: Arrived,
  response: ServerResponse,
  raw: IncomingMessage,
) => void | Promise<void>;

/** A real HTTP server that records what arrives. Session-init calls are answered by itself. */
export class UpstreamServer {
  readonly arrived: Arrived[] = [];
  initialisations = 0;
  /** Requests that the peer gave up before they were answered. */
  abandoned = 0;
  /** How REST requests are answered, once their body is there. */
  answer: Answerer = (_request, response) => void response.end('{}');
  /** When set, it gets the request before its body has come, and nothing is recorded. */
  answerEarly: ((raw: IncomingMessage, response: ServerResponse) => void) | undefined;
  readonly #server = createServer((request, response) => void this.#handle(request, response));

  /** Without a port: on a free one. */
  async start(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(raw: IncomingMessage, response: ServerResponse): Promise<void> {
    response.once('close', () => {
      if (!response.writableFinished) this.abandoned += 1;
    });
    if (this.answerEarly) {
      this.answerEarly(raw, response);
      return;
    }
    const chunks: Buffer[] = [];
    raw.on('error', () => {});
    for await (const chunk of raw as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = '', url = '', headers, rawHeaders } = raw;
    if (url.includes('/initialize-')) {
      this.#initialise(response);
      return;
    }
    const request = { method, url, headers, rawHeaders, body: Buffer.concat(chunks) };
    this.arrived.push(request);
    await this.answer(request, response, raw);
  }

  #initialise(response: ServerResponse): void {
    this.initialisations += 1;
    response.setHeader('set-cookie', `WORKSPACE_SESSIONID=ws-${this.initialisations}; Secure; HttpOnly`);
    response.end('{"status":{"code":1}}');
  }
}
