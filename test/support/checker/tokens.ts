import { type Breach, type TokenHistory } from './user-history.js';

/** One redemption for the end of each token's life, and another one where the first may never have been told. */
export function tokenBreaches({ endedLives, redemptions, interrupted }: TokenHistory): Breach[] {
  if (redemptions <= endedLives + interrupted) return [];
  return [
    { kind: 'redeemed-twice', what: `${redemptions} redemptions for ${endedLives} tokens that had ended` },
  ];
}
