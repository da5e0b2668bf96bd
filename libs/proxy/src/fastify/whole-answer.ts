import { Readable } from 'node:stream';
import { upstreamUnreachable } from '@gw/upstream';
import { type Answer } from './answer.js';

/** An answer's body: all of it, or, when it is larger than that, as it comes. */
export type AnswerBody =
  { readonly kind: 'whole'; readonly bytes: Buffer } | { readonly kind: 'stream'; readonly stream: Readable };

/** Reads a body of at most `maxBytes`. @throws {GatewayError} `upstream_unreachable`: it broke off. */
export async function wholeAnswerOf({ body }: Answer, maxBytes: number): Promise<AnswerBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  const source = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (let next = await source.next(); !next.done; next = await source.next()) {
      chunks.push(next.value);
      size += next.value.length;
      if (size > maxBytes) return { kind: 'stream', stream: Readable.from(joined(chunks, source)) };
    }
  } catch (error) {
    throw upstreamUnreachable(error);
  }
  return { kind: 'whole', bytes: Buffer.concat(chunks) };
}

async function* joined(chunks: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    // Also when the client goes away: the upstream need not send the rest.
    await rest.return?.();
  }
}
