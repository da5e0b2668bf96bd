import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

export interface PlainRequest {
  readonly method: string;
  /** As it was written. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the body, so far. */
  bytes: number;
  /** Whoever asked has gone before the answer was complete. */
  isCancelled: boolean;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server in the place of a gateway: it shows what a load balancer makes of requests and answers. */
export class PlainGateway {
  /** Without health checks. */
  readonly received: PlainRequest[] = [];
  isReady = true;
  /** What it does with a request; by default it says 200 and its port when the body has arrived. */
  handler: Handler = (request, response) => {
    request.once('end', () => response.end(String(this.port)));
  };
  readonly #server = createServer((request, response) => this.#take(request, response));

  static async start(): Promise<PlainGateway> {
    const gateway = new PlainGateway();
    await new Promise<void>((resolve) => gateway.#server.listen(0, '127.0.0.1', resolve));
    return gateway;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** After `close`: is there again. */
  async reopen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url: target = '', headers } = request;
    if (target.startsWith('/health/')) {
      response.writeHead(target === '/health/live' || this.isReady ? 200 : 503).end();
      return;
    }
    const received: PlainRequest = { method, target, headers, bytes: 0, isCancelled: false };
    this.received.push(received);
    request.on('data', (chunk: Buffer) => (received.bytes += chunk.length));
    response.once('close', () => (received.isCancelled = !response.writableFinished));
    this.handler(request, response);
  }
}
