import { GatewayError } from '@gw/kernel';

export function rateLimited(): GatewayError {
  return new GatewayError('rate_limited', 'too_many_requests', 'Too many in too short a time: wait');
}
