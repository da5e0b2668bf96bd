import { type Breach, type ClientHistory } from './user-history.js';

/** Whether a client heard nothing any more once its session had been revoked. */
export function revocationBreaches({ events, revoked }: ClientHistory): Breach[] {
  if (!revoked) return [];
  const { at, withinMs } = revoked;
  const late = events.filter((event) => event.kind !== 'closed' && event.at > at + withinMs);
  if (late.length === 0) return [];
  const afterMs = Math.max(...late.map((event) => event.at)) - at;
  return [
    {
      kind: 'heard-after-revocation',
      what: `${late.length} frames, up to ${afterMs} ms after it was revoked`,
    },
  ];
}
