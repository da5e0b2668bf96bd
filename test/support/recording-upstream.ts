import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

/** A request as it came off the wire. */
export interface Arrival {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Every field line, names and values by turns, as they were written. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** The cookie that the session-init calls are answered with. */
const COOKIE = 'UPSTREAM_SESSION=kept-by-the-gateway';

/** Of a request that its sender gave up: nothing that could be read in another way. */
const BROKEN_OFF: ReadonlySet<string> = new Set(['ECONNRESET', 'HPE_INVALID_EOF_STATE']);

/**
 * An upstream in place of Engage's APIs that keeps whatever reaches it, and answers everything alike. It takes
 * no odd bytes: what it cannot parse is kept as unreadable, since a request that only the upstream can
 * misread is what smuggling is made of.
 */
export class RecordingUpstream {
  /** Without session-init calls, which the gateway makes for itself. */
  readonly arrivals: Arrival[] = [];
  unreadable = 0;
  readonly cookie = COOKIE;
  readonly #server = createServer((request, response) => void this.#take(request, response));

  static async start(): Promise<RecordingUpstream> {
    const upstream = new RecordingUpstream();
    upstream.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (!BROKEN_OFF.has(error.code ?? '')) upstream.unreadable += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => upstream.#server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch {
      // Whoever sent it has gone before its end; it has arrived all the same.
    }
    const { method = '', url: target = '', headers, rawHeaders } = request;
    response.setHeader('content-type', 'application/json');
    if (target.includes('/initialize-')) {
      response.setHeader('set-cookie', `${COOKIE}; Path=/; HttpOnly`).end('{"status":{"code":1}}');
      return;
    }
    this.arrivals.push({
      method,
      target,
      headers,
      rawHeaders,
      body: Buffer.concat(chunks).toString('latin1'),
    });
    response.end('{"status":{"code":0}}');
  }
}
