import { type Outcome } from '@gw/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callChanged, eventError, openOutcomes, WAIT_MS } from './testing/open-outcomes.js';

/** What can happen to a command between its departure and its reply, and after it. */
const HAPPENINGS = ['reply', 'success', 'error', 'gap', 'timeout', 'session-end'] as const;
type Happening = (typeof HAPPENINGS)[number] | 'dialing' | 'others-success' | 'instance-close';
const ALL: readonly Happening[] = [...HAPPENINGS, 'dialing', 'others-success', 'instance-close'];

const ENDS: readonly Happening[] = ['gap', 'timeout', 'session-end', 'instance-close'];

/** Said anew, from the promise alone: what a client is told when things happen in this order. */
function promised(order: readonly Happening[]): Outcome['state'] | undefined {
  const reply = order.indexOf('reply');
  if (reply < 0) return undefined;
  // Nothing is heard after the end of the session or of the instance.
  const deaf = order.findIndex((each) => each === 'session-end' || each === 'instance-close');
  const tells = (each: Happening, index: number) =>
    (each === 'success' || each === 'error') && (deaf < 0 || index < deaf);
  const verdict = order.findIndex(tells);
  const end = order.findIndex((each) => ENDS.includes(each));
  const isSettled = verdict >= 0 && (verdict < reply || end < 0 || verdict < end);
  if (isSettled) return order[verdict] === 'success' ? 'succeeded' : 'failed';
  if (end < 0) return undefined;
  return order[end] === 'timeout' ? 'timed_out' : 'unknown';
}

async function told(order: readonly Happening[]) {
  const { clock, source, sessions, events, outcomes, expect: expectation } = openOutcomes();
  const { replied, end } = await expectation('op-1');
  const answers: Outcome[] = [];
  let hasReplied = false;
  const does: Record<Happening, () => unknown> = {
    reply: () => {
      if (hasReplied) return;
      hasReplied = true;
      void replied().then((outcome) => answers.push(outcome));
    },
    dialing: () => source.publish(callChanged('c', 'Dialing', 'op-1')),
    success: () => source.publish(callChanged('c', 'Established', 'op-1')),
    'others-success': () => source.publish(callChanged('d', 'Established', 'op-2')),
    error: () => source.publish(eventError('op-1')),
    gap: () => source.gap(),
    timeout: () => clock.elapse(WAIT_MS),
    'session-end': () => sessions.endAll(),
    'instance-close': () => outcomes.close(),
  };
  for (const happening of order) {
    await does[happening]();
    await clock.elapse(0);
  }
  const before = [...answers];
  end();
  await clock.elapse(2 * WAIT_MS);
  const left = { waiting: outcomes.waiting, attached: source.attached.size, watched: sessions.watched };
  return { before, answers, events: events.outcomes, left, hasReplied };
}

async function check(order: readonly Happening[]): Promise<void> {
  const { before, answers, events, left, hasReplied } = await told(order);
  const state = promised(order);
  const name = order.join(' ');
  expect([name, before.map((outcome) => outcome.state)]).toEqual([name, state === undefined ? [] : [state]]);
  // Whoever has replied gets an outcome, one and no more, at the latest when the client goes.
  expect([name, answers.length, events.length]).toEqual([name, hasReplied ? 1 : 0, hasReplied ? 1 : 0]);
  const settledBy = before[0]?.notification;
  const isSettled = state === 'succeeded' || state === 'failed';
  expect([name, settledBy !== undefined]).toEqual([name, isSettled]);
  expect(left).toEqual({ waiting: 0, attached: 0, watched: 0 });
}

describe('one outcome, in whatever order things happen', () => {
  it('all 720 orders of reply, success, error, gap, timeout and the session’s end', async () => {
    const orders = permutations(HAPPENINGS);
    expect(orders).toHaveLength(720);
    for (const order of orders) await check(order);
  });

  it('2,000 random ones, with repeats, other commands’ notifications, and the instance leaving', async () => {
    const orders = fc.array(fc.constantFrom(...ALL), { minLength: 1, maxLength: 12 });
    await fc.assert(fc.asyncProperty(orders, check), { numRuns: 2_000 });
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}
