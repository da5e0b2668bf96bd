import { asSessionId } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { expect, it } from 'vitest';
import { LocalPauses } from './local-pauses.js';
import { pausesAfterFailures } from './refresh-pauses.js';

const id = asSessionId('session');

it('a pause grows with each failure up to half a minute, and never undercuts the advice', () => {
  const pauses = new LocalPauses(new FakeClock());
  const lengths = Array.from({ length: 8 }, () => pauses.failed(id, 0));
  expect(lengths[0]).toBeLessThanOrEqual(1_300);
  expect(lengths[3]).toBeGreaterThanOrEqual(8_000);
  expect(lengths[7]).toBeGreaterThanOrEqual(30_000);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(39_000);
  expect(pauses.failed(id, 60_000)).toBe(60_000);
  expect(pausesAfterFailures(1e9).every((ms) => ms === 300_000)).toBe(true);
});

it('a pause ends by time, or by success', async () => {
  const clock = new FakeClock();
  const pauses = new LocalPauses(clock);
  pauses.forAWhile(id, 1_000);
  await clock.elapse(400);
  expect(pauses.leftOf(id)).toBe(600);
  pauses.clear(id);
  expect(pauses.leftOf(id)).toBe(0);
});

it('only so many sessions are remembered; the oldest goes', () => {
  const pauses = new LocalPauses(new FakeClock(), 2);
  for (const name of ['a', 'b', 'c']) pauses.forAWhile(asSessionId(name), 1_000);
  expect(['a', 'b', 'c'].map((name) => pauses.leftOf(asSessionId(name)))).toEqual([0, 1_000, 1_000]);
});
