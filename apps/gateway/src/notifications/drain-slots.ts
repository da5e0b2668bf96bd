/** When each of the sockets of an instance that leaves is to come back elsewhere. */
export interface DrainSlots {
  /** Milliseconds from now, rising; one for each socket. */
  readonly slots: readonly number[];
  /** How many come back in a second. */
  readonly perSecond: number;
}

/**
 * Spread evenly over as much time as `perSecond` asks for; over no more than `withinMs`, even if more come
 * back in a second then.
 */
export function drainSlots(sockets: number, perSecond: number, withinMs: number): DrainSlots {
  if (sockets === 0) return { slots: [], perSecond };
  const spacingMs = Math.min(1_000 / perSecond, withinMs / sockets);
  const slots = Array.from({ length: sockets }, (_, index) => Math.floor(index * spacingMs));
  return { slots, perSecond: spacingMs === 0 ? Infinity : 1_000 / spacingMs };
}
