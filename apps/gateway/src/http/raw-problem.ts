import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { type Duplex } from 'node:stream';
import { problemOf } from './problem.js';
import { OWN_HEADERS } from './security-headers.js';

export interface RawProblem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A problem for what came past the framework: it has no request id there, so it gets one of its own. */
export function rawProblemOf(error: unknown): RawProblem {
  const problem = problemOf(error, randomUUID());
  const body = JSON.stringify(problem);
  const headers = {
    ...OWN_HEADERS,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-request-id': problem.requestId,
    connection: 'close',
  };
  return { status: problem.status, headers, body };
}

/** Says why on a connection on which nothing has been answered yet, and ends it. */
export function endWithProblem(socket: Duplex, { status, headers, body }: RawProblem): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  // The client may be gone already.
  socket.on('error', () => socket.destroy());
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines].join('\r\n');
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy());
}

/** How Node's HTTP server says what is wrong with bytes that are no request it takes. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** For Node's `clientError`: bytes on a connection that are no HTTP, too long in the head, or too slow. */
export function refuseBytes(error: Error & { readonly code?: string }, socket: Duplex): void {
  const statusCode = STATUS_OF_CODE[error.code ?? ''] ?? 400;
  endWithProblem(
    socket,
    rawProblemOf(Object.assign(new Error('No request', { cause: error }), { statusCode })),
  );
}
