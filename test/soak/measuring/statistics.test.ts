import { describe, expect, it } from 'vitest';
import { Random } from '../random.js';
import { mostWithinASecond, percentile, slope } from './statistics.js';

describe('The figures of a soak', () => {
  it('have percentiles by nearest rank', () => {
    expect(percentile([], 0.5)).toBeUndefined();
    expect(percentile([3, 1, 2], 0.5)).toBe(2);
    expect(percentile([1, 2, 3, 4], 0.99)).toBe(4);
  });

  it('have the slope of a line through points that scatter around it', () => {
    const points = Array.from({ length: 100 }, (_, x) => ({ x, y: 7 + 2 * x + (x % 2 === 0 ? 3 : -3) }));
    expect(slope(points)).toBeCloseTo(2, 2);
    expect(slope([{ x: 1, y: 1 }])).toBeUndefined();
  });

  it('have the most that happens within any second', () => {
    expect(mostWithinASecond([])).toBe(0);
    expect(mostWithinASecond([1_900, 900, 1_000, 1_500, 4_000])).toBe(3);
  });

  it('are of a run that its seed decides', () => {
    const drawn = (seed: number) => {
      const random = new Random(seed);
      return Array.from({ length: 5 }, () => random.below(1_000));
    };
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
  });
});
