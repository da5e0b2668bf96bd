import { type IncomingMessage } from 'node:http';
import { parseIdempotencyKey } from '@gw/idempotency';
import { waitMsOf } from '@gw/outcomes';
import { malformedKey } from '../errors.js';
import { type ProxyOptions } from './proxy-options.js';
import { type ApiName } from '@gw/kernel';

/** What a request asks for beyond being passed on. */
export interface Wishes {
  /** Make it once; absent: it may be made each time. */
  readonly key: string | undefined;
  /** Wait for the outcome, in milliseconds; absent: do not. */
  readonly waitMs: number | undefined;
}

const COMMANDS = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
/** PUT and DELETE are idempotent by themselves (RFC 9110 §9.2.2). */
const GUARDED = new Set(['POST', 'PATCH']);

/** Undefined: nothing, as most do. @throws {GatewayError} `bad_idempotency_key`. */
export function wishesOf(
  { method = '', headers }: IncomingMessage,
  api: ApiName,
  { outcomes, idempotency }: ProxyOptions,
): Wishes | undefined {
  const field = headers['idempotency-key'];
  if (headers.prefer === undefined && field === undefined) return undefined;
  const waits = COMMANDS.has(method) && outcomes?.has(api) === true;
  const waitMs = waits ? waitMsOf(headers.prefer) : undefined;
  const key = idempotency && GUARDED.has(method) ? keyIn(field) : undefined;
  return waitMs === undefined && key === undefined ? undefined : { key, waitMs };
}

function keyIn(field: string | string[] | undefined): string | undefined {
  const parsed = parseIdempotencyKey(field);
  if (parsed.kind === 'malformed') throw malformedKey();
  return parsed.kind === 'key' ? parsed.key : undefined;
}
