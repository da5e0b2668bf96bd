import { GatewayError } from '@gw/kernel';

/** No answer, or only a part of one. `cause` is for logs: it names hosts and ports. */
export function upstreamUnreachable(cause?: unknown): GatewayError {
  return new GatewayError('upstream_unreachable', 'bad_gateway', 'The upstream cannot be reached', { cause });
}

export function upstreamTimeout(cause?: unknown): GatewayError {
  return new GatewayError('upstream_timeout', 'timeout', 'The upstream did not answer in time', { cause });
}

/** A session is needed and cannot be made, because the upstream is out of order. */
export function initialisationUnavailable(): GatewayError {
  return new GatewayError(
    'initialization_unavailable',
    'bad_gateway',
    'The upstream session cannot be made just now',
  );
}
