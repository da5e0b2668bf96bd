import { type Breach, type Polls } from './user-history.js';

/**
 * Polls of a session that come after another has begun: an owner that wakes up polls once before it is refused,
 * and may have had one on its way.
 */
const LATE_POLLS = 2;

/**
 * Whether of all CometD sessions of a user at an API, one at a time was polled. One that was polled that often only, with
 * no pause for another, may be of such an owner as well: it had begun when nobody polled, and is seen late.
 */
export function sessionBreaches(api: string, polls: readonly Polls[]): Breach[] {
  const late = new Map<string, number>();
  const seen = new Set<string>();
  let newest: string | undefined;
  for (const { clientId, count } of polls) {
    const isPassing = count <= LATE_POLLS && polls.filter((run) => run.clientId === clientId).length === 1;
    if (!seen.has(clientId)) newest = isPassing ? (newest ?? clientId) : clientId;
    else if (clientId !== newest) late.set(clientId, (late.get(clientId) ?? 0) + count);
    seen.add(clientId);
  }
  const order = [...seen];
  return [...late]
    .filter(([, count]) => count > LATE_POLLS)
    .map(([clientId, count]) => ({
      kind: 'two-sessions',
      what: `CometD session ${order.indexOf(clientId) + 1} of ${api} was polled ${count} times after a newer one had begun`,
    }));
}
