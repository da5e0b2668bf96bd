import { type NotificationEvent } from '@gw/contract';
import { problemOf } from './problem.js';

/** What a poll is answered with. */
interface Polled {
  notifications: NotificationEvent[];
  /** For the next poll. */
  cursor: string;
  /** Something of these APIs may be missing before `notifications`: fetch their state anew. */
  gap?: { apis: string[]; reason: string };
}

/** Asks again and again, and is answered when there is something, until `signal` is aborted. */
export async function poll(
  load: (apis: readonly string[] | 'all') => Promise<void>,
  show: (notification: NotificationEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  let cursor: string | undefined;
  while (!signal.aborted) {
    const query = cursor === undefined ? '' : `?wait=30&after=${encodeURIComponent(cursor)}`;
    const answer = await fetch(`/notifications${query}`, { signal });
    const problem = await problemOf(answer);
    // 401: sign in. 503, and no answer at all: try again after a while.
    if (problem) throw problem;
    const polled = (await answer.json()) as Polled;
    // Position first, then state.
    if (cursor === undefined) await load('all');
    if (polled.gap) await load(polled.gap.apis);
    polled.notifications.forEach(show);
    cursor = polled.cursor;
  }
}
