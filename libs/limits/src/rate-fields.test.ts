import { expect, it } from 'vitest';
import { isScarce, rateFields } from './rate-fields.js';

const use = {
  isAllowed: true,
  name: 'request',
  rate: { quota: 1_200, windowMs: 60_000 },
  remaining: 599,
  resetMs: 30_001,
  retryAfterMs: 0,
};

it('names the limit, what is left of it, and when all of it is there again', () => {
  expect(rateFields(use)).toEqual({
    'ratelimit-policy': '"request";q=1200;w=60',
    ratelimit: '"request";r=599;t=31',
  });
});

it('says when to come back, in whole seconds and at least one', () => {
  const refused = { ...use, isAllowed: false, remaining: 0 };
  expect(rateFields({ ...refused, retryAfterMs: 50 })).toMatchObject({ 'retry-after': '1' });
  expect(rateFields({ ...refused, retryAfterMs: 1_001 })).toMatchObject({ 'retry-after': '2' });
});

it('is worth telling when less than half is left', () => {
  expect([isScarce(use), isScarce({ ...use, remaining: 600 })]).toEqual([true, false]);
});
