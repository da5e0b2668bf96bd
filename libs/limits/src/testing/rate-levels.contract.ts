import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RateLevels } from '../rate-levels.js';

export interface RateLevelsHarness {
  /** As two instances have them. */
  readonly here: RateLevels;
  readonly there: RateLevels;
  /** Lets `ms` milliseconds pass: a fake clock for memory, real waiting elsewhere. */
  readonly elapse: (ms: number) => Promise<void>;
  readonly close: () => void;
}

const CAPACITY_MS = 60_000;
/** What real clocks and journeys may take of a level. */
const PASSED_MS = 2_000;

/** What every RateLevels promises. */
export function rateLevelsContract(name: string, open: () => Promise<RateLevelsHarness>): void {
  describe(`RateLevels (${name})`, () => {
    let harness: RateLevelsHarness;
    let here: RateLevels;
    let there: RateLevels;
    let key: string;

    beforeEach(async () => {
      harness = await open();
      ({ here, there } = harness);
      key = `request:${randomUUID()}`;
    });
    afterEach(() => harness.close());

    const expectLevel = (level: number, expected: number) => {
      expect(level).toBeLessThanOrEqual(expected);
      expect(level).toBeGreaterThan(expected - PASSED_MS);
    };

    it('are what was poured in', async () => {
      expect(await here.pour(key, 5_000, CAPACITY_MS)).toBe(5_000);
      expectLevel(await here.pour(key, 5_000, CAPACITY_MS), 10_000);
    });

    it('add up what instances pour in, also at once', async () => {
      await Promise.all(
        Array.from({ length: 20 }, (_, index) => (index % 2 ? here : there).pour(key, 1_000, CAPACITY_MS)),
      );
      expectLevel(await here.pour(key, 1_000, CAPACITY_MS), 21_000);
    });

    it('run out by a millisecond each millisecond, to nothing', async () => {
      await here.pour(key, 400, CAPACITY_MS);
      await harness.elapse(200);
      expect(await there.pour(key, 100, CAPACITY_MS)).toBeLessThanOrEqual(300);
      await harness.elapse(350);
      expect(await here.pour(key, 100, CAPACITY_MS)).toBe(100);
    });

    it('never exceed what a bucket holds', async () => {
      expect(await here.pour(key, CAPACITY_MS + 1, CAPACITY_MS)).toBe(CAPACITY_MS);
      expect(await there.pour(key, 1_000, CAPACITY_MS)).toBeLessThanOrEqual(CAPACITY_MS);
    });

    it('of one key are not those of another', async () => {
      await here.pour(key, 5_000, CAPACITY_MS);
      expect(await here.pour(`${key}-2`, 1, CAPACITY_MS)).toBe(1);
    });
  });
}
