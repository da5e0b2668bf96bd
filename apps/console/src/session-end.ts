import type { SessionEndReason } from '@gw/contract';

const descriptions: Record<SessionEndReason, string> = {
  logout: 'You have signed out.',
  idle: 'Your session ended because it was not used.',
  expired: 'Your session reached its time limit.',
  revoked: 'Your session was ended from another place.',
  upstream: 'The contact centre platform ended your session.',
};

/** Takes any string: a later gateway may know reasons that this page does not. */
export function describeSessionEnd(reason: string): string {
  return Object.hasOwn(descriptions, reason)
    ? descriptions[reason as SessionEndReason]
    : `Your session ended (${reason}).`;
}
