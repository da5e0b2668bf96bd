import { type IncomingMessage } from 'node:http';

/** Small enough to be held in memory, so that the request can be repeated. */
const MAX_REPLAYABLE_BYTES = 64 * 1024;

export type RequestBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'buffered'; readonly bytes: Buffer }
  /** Of unknown or larger size: sent on as it comes, and once only. */
  | { readonly kind: 'streamed'; readonly source: IncomingMessage };

const NONE: RequestBody = { kind: 'none' };

/** A message has a body if a Content-Length or Transfer-Encoding says so (RFC 9112 §6.3), whatever its method. */
export function bodyOf(request: IncomingMessage): RequestBody | Promise<RequestBody> {
  const { headers } = request;
  if (headers['transfer-encoding'] !== undefined) return { kind: 'streamed', source: request };
  const length = Number(headers['content-length'] ?? 0);
  if (length === 0) return NONE;
  return length <= MAX_REPLAYABLE_BYTES ? readWhole(request) : { kind: 'streamed', source: request };
}

/**
 * The body of a request that is looked at before it is sent on; undefined when it is too large for that.
 * Rejects when the client goes away before its last byte.
 */
export async function wholeBodyOf(request: IncomingMessage): Promise<RequestBody | undefined> {
  const body = await bodyOf(request);
  if (body.kind !== 'streamed') return body;
  if (Number(request.headers['content-length'] ?? 0) > MAX_REPLAYABLE_BYTES) return undefined;
  return readUpTo(request, MAX_REPLAYABLE_BYTES);
}

function readUpTo(request: IncomingMessage, maxBytes: number): Promise<RequestBody | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      // The rest is read and thrown away: the connection is good for another request.
      request.off('data', take).resume();
      resolve(undefined);
    };
    request.on('data', take);
    request.once('end', () => resolve({ kind: 'buffered', bytes: Buffer.concat(chunks) }));
    request.once('error', reject);
  });
}

/** Rejects when the client goes away before its last byte. */
function readWhole(request: IncomingMessage): Promise<RequestBody> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => resolve({ kind: 'buffered', bytes: Buffer.concat(chunks) }));
    request.once('error', reject);
  });
}
