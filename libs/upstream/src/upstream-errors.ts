import { GatewayError } from '@gw/kernel';

/** No answer, or only a part of one. `cause` is for logs: it names hosts and ports. */
export function upstreamUnreachable(cause?: unknown): GatewayError {
  return new GatewayError('upstream_unreachable', 'bad_gateway', 'The upstream cannot be reached', { cause });
}

export function upstreamTimeout(cause?: unknown): GatewayError {
  return new GatewayError('upstream_timeout', 'timeout', 'The upstream did not answer in time', { cause });
}
