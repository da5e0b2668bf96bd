import { type GatewayError } from '@gw/kernel';
import { upstreamTimeout, upstreamUnreachable } from '../upstream-errors.js';

const TIMEOUTS = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
]);

/** undici's and Node's network errors, by code, never by text. */
export function asUpstreamError(cause: unknown): GatewayError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && TIMEOUTS.has(code) ? upstreamTimeout(cause) : upstreamUnreachable(cause);
}
