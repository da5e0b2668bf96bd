import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type Readable } from 'node:stream';

/** Larger than any form that an app sends, in bytes. */
const MAX_FORM_BYTES = 16_384;

export const FORM_ROUTES = { token: '/oauth/token', revoke: '/oauth/revoke' } as const;
const READ_AT: ReadonlySet<string | undefined> = new Set(Object.values(FORM_ROUTES));

/**
 * Reads forms, as text, where somebody asked for one; elsewhere they are thrown away like any other body. One
 * that is too large becomes undefined: what that means, the endpoint says in its own words.
 */
export function readForms(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(
    'application/x-www-form-urlencoded',
    async (request: FastifyRequest, body: Readable) => {
      if (READ_AT.has(request.routeOptions.url)) return textOf(body);
      body.resume();
      return undefined;
    },
  );
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size <= MAX_FORM_BYTES) chunks.push(chunk);
  }
  return size <= MAX_FORM_BYTES ? Buffer.concat(chunks).toString('utf8') : undefined;
}
