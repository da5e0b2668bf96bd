import { GatewayError } from '@gw/kernel';

export const ownershipLost = (): GatewayError =>
  new GatewayError('ownership_lost', 'unavailable', 'another instance owns this session now');

export const journalUnavailable = (cause?: unknown): GatewayError =>
  new GatewayError('journal_unavailable', 'unavailable', 'notifications cannot be stored or read just now', {
    cause,
  });
