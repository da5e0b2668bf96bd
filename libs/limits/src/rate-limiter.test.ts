import { FakeClock } from '@gw/kernel/testing';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { LimitsEvents } from './limits-events.js';
import { MemoryRateLevels } from './memory/index.js';
import { RateLevels } from './rate-levels.js';
import { RateLimiter } from './rate-limiter.js';

const RATE = { quota: 60, windowMs: 60_000 };

class Recorded extends LimitsEvents {
  exceeded = 0;
  unavailable = 0;
  override rateExceeded(): void {
    this.exceeded += 1;
  }
  override levelsUnavailable(): void {
    this.unavailable += 1;
  }
}

/** As of a Redis, with a switch. */
class SwitchedLevels extends RateLevels {
  isAway = false;
  calls = 0;
  constructor(private readonly levels: RateLevels) {
    super();
  }
  override pour(key: string, ms: number, capacityMs: number): Promise<number> {
    this.calls += 1;
    return this.isAway ? Promise.reject(new Error('away')) : this.levels.pour(key, ms, capacityMs);
  }
}

let clock: FakeClock;
let events: Recorded;
let levels: SwitchedLevels;
let here: RateLimiter;
let there: RateLimiter;

beforeEach(() => {
  clock = new FakeClock();
  events = new Recorded();
  levels = new SwitchedLevels(new MemoryRateLevels(clock));
  [here, there] = [1, 2].map(() => new RateLimiter('request', RATE, levels, clock, events)) as [
    RateLimiter,
    RateLimiter,
  ];
});

/** How many of so many uses are allowed, told to the other instances in between. */
async function allowed(limiter: RateLimiter, uses: number, key = 'anna'): Promise<number> {
  let count = 0;
  for (let use = 0; use < uses; use += 1) {
    if (limiter.use(key).isAllowed) count += 1;
    await clock.elapse(0);
  }
  return count;
}

describe('a key', () => {
  it('may use its whole quota at once, and then no more', async () => {
    expect(await allowed(here, 100)).toBe(60);
    expect(events.exceeded).toBe(40);
    expect(await allowed(here, 1, 'bela')).toBe(1);
  });

  it('gets what it has used back evenly', async () => {
    await allowed(here, 60);
    expect(here.use('anna')).toMatchObject({ isAllowed: false, remaining: 0, retryAfterMs: 1_000 });
    await clock.elapse(1_000);
    expect(await allowed(here, 10)).toBe(1);
    await clock.elapse(60_000);
    expect(await allowed(here, 100)).toBe(60);
  });

  it('is told how much is left, and when all of it is there again', () => {
    expect(here.use('anna')).toMatchObject({
      isAllowed: true,
      remaining: 59,
      resetMs: 1_000,
      retryAfterMs: 0,
    });
    expect(here.use('anna')).toMatchObject({ remaining: 58, resetMs: 2_000 });
  });

  it('never gets more than its quota and what has come back since, whatever it does', () => {
    const steps = fc.array(fc.record({ uses: fc.nat(80), waitMs: fc.nat(5_000) }), { maxLength: 40 });
    fc.assert(
      fc.property(steps, (script) => {
        let now = 0;
        const time = { now: () => now, schedule: () => ({ cancel: () => {} }) };
        const limiter = new RateLimiter('request', RATE, levels, time, events);
        let used = 0;
        for (const { uses, waitMs } of script) {
          for (let use = 0; use < uses; use += 1) if (limiter.use('anna').isAllowed) used += 1;
          expect(used).toBeLessThanOrEqual(RATE.quota + now / 1_000 + 1e-6);
          now += waitMs;
        }
      }),
    );
  });
});

describe('instances together', () => {
  it('let through little more than one quota', async () => {
    let count = 0;
    for (let turn = 0; turn < 100; turn += 1) count += (await allowed(here, 1)) + (await allowed(there, 1));
    expect(count).toBeGreaterThanOrEqual(60);
    expect(count).toBeLessThanOrEqual(60 + 2 * 6);
  });

  it('know a key that comes to another after it has used all here, at the latest after a tenth', async () => {
    await allowed(here, 100);
    expect(await allowed(there, 100)).toBeLessThanOrEqual(6);
  });

  it('are not asked at all about a key that stays well below its rate', async () => {
    for (let use = 0; use < 200; use += 1) {
      expect(here.use('anna').isAllowed).toBe(true);
      await clock.elapse(1_000);
    }
    expect(levels.calls).toBe(0);
  });

  it('are asked once for a tenth of the quota, not for each use', async () => {
    await allowed(here, 60);
    expect(levels.calls).toBe(10);
  });
});

describe('an instance that cannot reach the shared levels', () => {
  it('limits by what it sees itself, and asks at most once a second', async () => {
    levels.isAway = true;
    expect(await allowed(here, 100)).toBe(60);
    expect(levels.calls).toBe(1);
    expect(events.unavailable).toBe(1);
  });

  it('tells what it let through as soon as it can', async () => {
    levels.isAway = true;
    await allowed(here, 60);
    levels.isAway = false;
    await clock.elapse(2_000);
    await allowed(here, 1);
    expect(await allowed(there, 60)).toBeLessThanOrEqual(8);
  });
});
