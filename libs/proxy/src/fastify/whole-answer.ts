import { Readable } from 'node:stream';
import { upstreamUnreachable } from '@gw/upstream';
import { type AnswerBody } from './answer.js';

/** Reads on, if it is `maxBytes` at most. @throws {GatewayError} `upstream_unreachable`: it broke off. */
export async function wholeAnswerOf(body: AnswerBody, maxBytes: number): Promise<AnswerBody> {
  if (body.kind === 'whole') return body;
  const chunks: Buffer[] = [];
  let size = 0;
  const source = body.stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
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
