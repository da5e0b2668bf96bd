import { asUserId } from '@gw/kernel';
import { expect, it } from 'vitest';
import { InFlight } from './in-flight.js';

const jane = asUserId('jane');
const joe = asUserId('joe');

it('lets a user in as often as the limit says, and again for each that has left', () => {
  const inFlight = new InFlight(2);
  expect([inFlight.enter(jane), inFlight.enter(jane), inFlight.enter(jane)]).toEqual([true, true, false]);
  expect(inFlight.enter(joe)).toBe(true);
  inFlight.leave(jane);
  expect([inFlight.enter(jane), inFlight.enter(jane)]).toEqual([true, false]);
  inFlight.leave(jane);
  inFlight.leave(jane);
  expect([inFlight.enter(jane), inFlight.enter(jane), inFlight.enter(jane)]).toEqual([true, true, false]);
});
