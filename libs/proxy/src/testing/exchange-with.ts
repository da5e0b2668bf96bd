import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request by Node's own client, which leaves headers and paths as they are. */
export function exchangeWith(
  url: string,
  path: string,
  options: { readonly method?: string; readonly headers?: OutgoingHttpHeaders } = {},
  body?: Buffer | string,
) {
  return new Promise<Received>((resolve, reject) => {
    const sent = request(url, {
      agent: false,
      ...options,
      path,
      headers: { 'x-user': 'jane', ...options.headers },
    });
    sent.once('error', reject);
    sent.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.end(body);
  });
}
