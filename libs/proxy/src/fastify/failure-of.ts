import { GatewayError } from '@gw/kernel';
import { type UpstreamFailure } from '../failure-window.js';

/** What Node and undici call the failures after which nothing of a request was sent. */
const NO_CONNECTION = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const UNANSWERED = new Set(['upstream_unreachable', 'upstream_timeout']);

/** What an error tells about the upstream; undefined: nothing, it is about something else. */
export function failureOf(error: unknown): UpstreamFailure | undefined {
  const cause = error instanceof GatewayError ? error.cause : error;
  if (cause instanceof Error && 'code' in cause && NO_CONNECTION.has(String(cause.code)))
    return 'unreachable';
  return error instanceof GatewayError && UNANSWERED.has(error.code) ? 'unanswered' : undefined;
}
