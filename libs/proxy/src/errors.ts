import { GatewayError } from '@gw/kernel';
import { type PathRefusal } from './path-policy.js';

export function unauthenticated(): GatewayError {
  return new GatewayError('unauthenticated', 'unauthenticated', 'There is no session: sign in');
}

export function routeNotAllowed(reason: PathRefusal): GatewayError {
  return new GatewayError('route_not_allowed', 'forbidden', `This path is not proxied: ${reason}`);
}

export function tokenUnavailable(): GatewayError {
  return new GatewayError('token_unavailable', 'unavailable', 'No access token can be had just now');
}

export function upstreamRedirect(): GatewayError {
  return new GatewayError('upstream_redirect', 'bad_gateway', 'The upstream answered with a redirect');
}

export function tooManyInFlight(): GatewayError {
  return new GatewayError(
    'too_many_in_flight',
    'too_many_requests',
    'Too many of your requests wait for their answers',
  );
}

export function circuitOpen(): GatewayError {
  return new GatewayError(
    'upstream_suspended',
    'bad_gateway',
    'The upstream does not answer; it is asked again in a moment',
  );
}

export function malformedKey(): GatewayError {
  const text = 'Idempotency-Key must be one string of 1 to 255 printable characters';
  return new GatewayError('bad_idempotency_key', 'bad_request', text);
}

export function bodyTooLargeForKey(): GatewayError {
  const text = 'A request with an idempotency key may have a body of at most 64 KiB';
  return new GatewayError('idempotency_body_too_large', 'unprocessable', text);
}

/** Never shown: there is nobody to show it to. */
export function clientHasGone(): Error {
  return new Error('The client has gone');
}
