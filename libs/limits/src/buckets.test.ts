import { expect, it } from 'vitest';
import { Buckets } from './buckets.js';

it('forgets what has run out, and beyond its size what was used longest ago', () => {
  const buckets = new Buckets(1_000, 10);
  const use = (key: string, now: number) => {
    const bucket = buckets.at(key, now);
    const { level } = bucket;
    bucket.pour(500);
    return level;
  };
  for (let key = 0; key < 1_000; key += 1) use(`key-${key}`, 0);
  expect(buckets.size).toBeLessThanOrEqual(20);
  expect(use('key-999', 0)).toBe(500);
  expect(use('key-0', 0)).toBe(0);
  use('late', 5_000);
  use('later', 10_000);
  expect(buckets.size).toBe(2);
});
