import { type RateUse } from '@gw/limits';
import { acknowledge, refusal } from './acknowledgement.js';

/** After so many refusals in a row the client is not one that only was too quick. */
const FLOOD_REFUSALS = 100;

/** A middleware of one socket: what comes too fast is refused, and who does not stop is cut off. */
export function messageLimit(use: () => RateUse | undefined, onFlood: () => void) {
  let refused = 0;
  return (packet: unknown[], next: () => void): void => {
    if (use()?.isAllowed ?? true) {
      refused = 0;
      next();
      return;
    }
    refused += 1;
    acknowledge(packet, refusal('rate_limited', 'too many messages in too short a time'));
    if (refused === FLOOD_REFUSALS) onFlood();
  };
}
