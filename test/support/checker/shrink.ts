import { deliveryBreaches } from './delivery.js';
import { type Breach, type ClientEvent, type ClientHistory, type Published } from './user-history.js';

/** What is left of a history when nothing more can be taken away without losing its breach. */
export interface SmallestHistory {
  readonly published: readonly Published[];
  readonly client: ClientHistory;
}

/** So that a long history of a bad run does not take the rest of the day. */
const MOST_TRIES = 3_000;

/**
 * Takes away as much as possible of a client's history with this breach, so that the breach stays (delta
 * debugging: ever smaller parts, until no single one can go). A number is taken away wholly, publication and
 * arrivals: else each removal would be a new hole. What stays is a breach about the same numbers, not just one of
 * its kind: without the gap that told of it, every loss would be one.
 */
export function shrink(
  published: readonly Published[],
  client: ClientHistory,
  { kind, numbers: [first, last] = [-Infinity, Infinity] }: Breach,
): SmallestHistory {
  let kept = unitsOf(published, client);
  let tries = 0;
  const isStillIt = (breach: Breach) =>
    breach.kind === kind && (!breach.numbers || (breach.numbers[0] <= last && breach.numbers[1] >= first));
  const stillBreaks = (units: readonly Unit[]) => {
    tries += 1;
    const { published: some, client: reduced } = only(units, published, client);
    return deliveryBreaches(some, reduced).some(isStillIt);
  };
  for (let size = Math.ceil(kept.length / 2); size >= 1 && tries < MOST_TRIES;) {
    let isSmaller = false;
    for (let start = 0; start < kept.length && tries < MOST_TRIES;) {
      const without = [...kept.slice(0, start), ...kept.slice(start + size)];
      if (without.length < kept.length && stillBreaks(without)) {
        kept = without;
        isSmaller = true;
      } else start += size;
    }
    if (size === 1 && !isSmaller) break;
    size = size === 1 ? 1 : Math.ceil(size / 2);
  }
  return only(kept, published, client);
}

/** A number with all that there is of it, or an event without a number. */
type Unit = number | ClientEvent;

function unitsOf(published: readonly Published[], { events }: ClientHistory): Unit[] {
  const numbers = new Set(published.map(({ number }) => number));
  for (const event of events) if (event.kind === 'notification') numbers.add(event.number);
  return [...numbers, ...events.filter(({ kind }) => kind !== 'notification')];
}

function only(
  units: readonly Unit[],
  published: readonly Published[],
  client: ClientHistory,
): SmallestHistory {
  const kept = new Set(units);
  return {
    published: published.filter(({ number }) => kept.has(number)),
    client: {
      ...client,
      events: client.events.filter((event) => kept.has(event.kind === 'notification' ? event.number : event)),
    },
  };
}
