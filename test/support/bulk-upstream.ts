import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const CHUNK = Buffer.alloc(64 * 1024, 'x');

/**
 * A server in the place of the APIs. `GET …/bytes/<n>` is answered with n bytes; any other request, with its method
 * and the length of its body, and with headers of CORS of the server's own.
 */
export class BulkUpstream {
  readonly #server = createServer((request, response) => {
    // Who asked may go away at any time.
    this.#answer(request, response).catch(() => response.destroy());
  });

  static async start(): Promise<BulkUpstream> {
    const upstream = new BulkUpstream();
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

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = /\/bytes\/(\d+)$/u.exec(request.url ?? '')?.[1];
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) length += chunk.length;
    if (bytes !== undefined && request.method === 'GET') {
      response.writeHead(200, { 'content-length': bytes, 'content-type': 'application/octet-stream' });
      await pipeline(Readable.from(chunksOf(Number(bytes)), { objectMode: false }), response);
      return;
    }
    response.setHeader('vary', 'Accept-Encoding');
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ method: request.method, length }));
  }
}

function* chunksOf(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= CHUNK.length) yield CHUNK.subarray(0, left);
}
