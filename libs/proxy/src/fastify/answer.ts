import { type IncomingHttpHeaders } from 'node:http';
import { type Readable } from 'node:stream';
import { type GatewayError } from '@gw/kernel';
import { upstreamUnreachable } from '@gw/upstream';
import { upstreamRedirect } from '../errors.js';
import { isRedirect } from '../redirect.js';

/** An answer's body: all of it, or, when it is larger than that, as it comes. */
export type AnswerBody =
  { readonly kind: 'whole'; readonly bytes: Buffer } | { readonly kind: 'stream'; readonly stream: Readable };

/** How an answer begins. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** What the upstream says to a request. */
export interface Answer extends AnswerHead {
  readonly body: AnswerBody;
}

/** Answers up to this many bytes are read whole. */
const MAX_WHOLE_BYTES = 16 * 1024;

/** May be about the user's token or upstream session. */
export function isRefusal(status: number): boolean {
  return status === 401 || status === 403;
}

/** Why an answer must not reach the client, if so. */
export function misfitOf({ status, headers }: AnswerHead): GatewayError | undefined {
  if (isRedirect(status, headers.location)) return upstreamRedirect();
  if (status > 599) return upstreamUnreachable(new Error(`No HTTP status: ${status}`));
  return undefined;
}

/** Only with a type: the framework would make one up for bytes that have none. */
export function isSmall({ status, headers }: AnswerHead, method: string): boolean {
  const length = headers['content-length'];
  if (length === undefined || headers['content-type'] === undefined) return false;
  return method !== 'HEAD' && status !== 204 && status !== 304 && Number(length) <= MAX_WHOLE_BYTES;
}

/** Nobody wants the rest. */
export function discard({ body }: Answer): void {
  if (body.kind === 'stream') body.stream.destroy();
}
