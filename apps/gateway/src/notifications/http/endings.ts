import { GatewayError } from '@gw/kernel';

export const sessionEnded = (): GatewayError =>
  new GatewayError('session_ended', 'unauthenticated', 'The session has ended');

export const stateUnavailable = (): GatewayError =>
  new GatewayError('state_unavailable', 'unavailable', 'The shared state cannot be reached just now');

export const draining = (): GatewayError =>
  new GatewayError('draining', 'unavailable', 'This instance is leaving: ask again');
