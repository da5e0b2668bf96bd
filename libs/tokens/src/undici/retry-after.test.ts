import { expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.js';

const now = Date.parse('2026-01-01T00:00:00Z');

it.each([
  ['3', 3_000],
  ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
  ['Thu, 01 Jan 2020 00:00:10 GMT', 0],
  ['86400', 300_000],
  ['-1', 0],
  ['soon', 0],
  [undefined, 0],
])('Retry-After %s is %i ms', (header, ms) => {
  expect(retryAfterMs(header, now)).toBe(ms);
});
