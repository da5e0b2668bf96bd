import { type IncomingMessage } from 'node:http';

/** What of a message says where it ends. */
export type Framing = Pick<IncomingMessage, 'httpVersion' | 'headers'>;

/**
 * Why another server could see another message in the same bytes, if so: what request smuggling is made of
 * (RFC 9112 §11.2). Node's parser refuses most of it and takes the rest: versions that there are not,
 * transfer codings beside `chunked`, which nobody here decodes, and an empty one beside a length.
 */
export function framingFaultOf({ httpVersion, headers }: Framing): string | undefined {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 'This version of HTTP is not spoken here';
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return undefined;
  if (headers['content-length'] !== undefined) return 'A message has a length or is chunked, not both';
  if (httpVersion === '1.0') return 'HTTP/1.0 has no transfer codings';
  return coding.toLowerCase() === 'chunked' ? undefined : 'The only transfer coding is chunked';
}
