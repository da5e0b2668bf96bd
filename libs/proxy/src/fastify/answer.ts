import { type GatewayError } from '@gw/kernel';
import { upstreamUnreachable } from '@gw/upstream';
import { type Dispatcher } from 'undici';
import { upstreamRedirect } from '../errors.js';
import { isRedirect } from '../redirect.js';

/** What the upstream says to a request: status and headers, and a body still to be read. */
export type Answer = Dispatcher.ResponseData;

/** Answers up to this many bytes are read whole. */
const MAX_WHOLE_BYTES = 16 * 1024;

/** May be about the user's token or upstream session. */
export function isRefusal(status: number): boolean {
  return status === 401 || status === 403;
}

/** Why an answer must not reach the client, if so. */
export function misfitOf({ statusCode, headers }: Answer): GatewayError | undefined {
  if (isRedirect(statusCode, headers.location)) return upstreamRedirect();
  if (statusCode > 599) return upstreamUnreachable(new Error(`No HTTP status: ${statusCode}`));
  return undefined;
}

/** Only with a type: the framework would make one up for bytes that have none. */
export function isSmall({ statusCode, headers }: Answer, method: string | undefined): boolean {
  const length = headers['content-length'];
  if (length === undefined || headers['content-type'] === undefined) return false;
  return method !== 'HEAD' && statusCode !== 204 && statusCode !== 304 && Number(length) <= MAX_WHOLE_BYTES;
}
