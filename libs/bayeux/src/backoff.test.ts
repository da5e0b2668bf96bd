import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.js';

const options = { firstMs: 250, baseMs: 1_000, maxMs: 60_000 };
const waits = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.next());

describe('the waits between attempts', () => {
  it('begin with a short one, then double up to the longest', () => {
    const middle = new Backoff(options, () => 0.5);
    expect(waits(middle, 10)).toEqual([125, 1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 60e3, 60e3, 60e3]);
  });

  it('are spread by a quarter to both sides', () => {
    expect(waits(new Backoff(options, () => 0), 3)).toEqual([0, 750, 1_500]);
    const [first, second] = waits(new Backoff(options, () => 1 - Number.EPSILON), 2);
    expect(first).toBeCloseTo(250);
    expect(second).toBeCloseTo(1_250);
  });

  it('begin anew after a success', () => {
    const backoff = new Backoff(options, () => 0.5);
    waits(backoff, 5);
    backoff.reset();
    expect(waits(backoff, 2)).toEqual([125, 1_000]);
  });

  it('stay within their limits, however many attempts fail', () => {
    const failures = fc.nat({ max: 2_000 });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(failures, random, (count, drawn) => {
        const last = waits(new Backoff(options, () => drawn), count + 1).at(-1) ?? NaN;
        const middle = count === 0 ? 0 : Math.min(1_000 * 2 ** (count - 1), 60_000);
        expect(last).toBeGreaterThanOrEqual(middle * 0.75);
        expect(last).toBeLessThanOrEqual(count === 0 ? 250 : middle * 1.25);
      }),
    );
  });
});
