import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { type Clock, SystemClock } from './clock.js';
import { eventually, FakeClock } from './testing/index.js';

const HOUR_MS = 3_600_000;
const TIMERS = 50_000;

interface Harness {
  readonly clock: Clock;
  /** Lets at least `ms` milliseconds pass. */
  readonly elapse: (ms: number) => Promise<void>;
}

const harnesses: Record<string, () => Harness> = {
  SystemClock: () => ({
    clock: new SystemClock(),
    elapse: (ms) => new Promise((resolve) => setTimeout(resolve, ms + 5)),
  }),
  FakeClock: () => {
    const clock = new FakeClock();
    return { clock, elapse: (ms) => clock.elapse(ms) };
  },
};

describe.each(Object.entries(harnesses))('a clock (%s)', (_name, open) => {
  const { clock, elapse } = open();
  const ran: string[] = [];
  const task = (name: string) => () => void ran.push(name);
  afterEach(() => void ran.splice(0));

  it('goes on as time passes', async () => {
    const before = clock.now();
    await elapse(10);
    expect(clock.now()).toBeGreaterThanOrEqual(before + 10);
  });

  it('runs a task once, not before its time', async () => {
    const due = clock.now() + 30;
    // Timers and the time of day are two clocks, and each is cut to whole milliseconds.
    clock.schedule(() => void ran.push(clock.now() >= due - 1 ? 'in time' : 'too early'), 30);
    expect(ran).toEqual([]);
    await elapse(60);
    await elapse(60);
    expect(ran).toEqual(['in time']);
  });

  it('runs tasks by their time, and those of one time in the order they were made', async () => {
    clock.schedule(task('late'), 40);
    clock.schedule(task('one'), 10);
    clock.schedule(task('two'), 10);
    await elapse(60);
    expect(ran).toEqual(['one', 'two', 'late']);
  });

  it('never runs a task within the call that schedules it, not even with no or a negative wait', async () => {
    clock.schedule(task('none'), 0);
    clock.schedule(task('negative'), -5);
    expect(ran).toEqual([]);
    await elapse(10);
    expect(ran.toSorted()).toEqual(['negative', 'none']);
  });

  it('does not run what was cancelled; cancelling again, or too late, does nothing', async () => {
    const cancelled = clock.schedule(task('cancelled'), 10);
    const kept = clock.schedule(task('kept'), 10);
    cancelled.cancel();
    cancelled.cancel();
    await elapse(30);
    kept.cancel();
    expect(ran).toEqual(['kept']);
  });

  it('does not run a long wait at once', async () => {
    const timer = clock.schedule(task('in a month'), 40 * 24 * 3_600_000);
    await elapse(20);
    expect(ran).toEqual([]);
    timer.cancel();
  });
});

describe('the fake clock', () => {
  it('runs what tasks schedule, each at its own time', async () => {
    const clock = new FakeClock(1_000);
    const times: number[] = [];
    const again = () => {
      times.push(clock.now());
      if (times.length < 3) clock.schedule(again, 100);
    };
    clock.schedule(again, 100);
    await clock.elapse(250);
    expect(times).toEqual([1_100, 1_200]);
    expect(clock.now()).toBe(1_250);
    expect(clock.pending).toBe(1);
  });

  it('lets promises settle between tasks', async () => {
    const clock = new FakeClock();
    const order: string[] = [];
    clock.schedule(() => void Promise.resolve().then(() => order.push('promise of the first')), 1);
    clock.schedule(() => void order.push('second'), 1);
    await clock.elapse(1);
    expect(order).toEqual(['promise of the first', 'second']);
  });
});

describe('eventually', () => {
  it('repeats until the check holds, and gives its value', async () => {
    let attempts = 0;
    const value = await eventually(() => {
      attempts += 1;
      if (attempts < 3) throw new Error('not yet');
      return 'now';
    });
    expect([attempts, value]).toEqual([3, 'now']);
  });

  it('gives up with the last error', async () => {
    let attempts = 0;
    const check = () => Promise.reject(new Error(`failed ${(attempts += 1)}`));
    await expect(eventually(check, 50)).rejects.toThrow(/failed \d+/);
    expect(attempts).toBeGreaterThan(1);
  });
});

describe('the system clock', () => {
  it('keeps nothing of timers that were cancelled, however long they would have taken', () => {
    const clock = new SystemClock();
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    let ms = HOUR_MS;
    const heapAfter = () => {
      for (let n = 0; n < TIMERS; n += 1) clock.schedule(() => {}, ms++).cancel();
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    // The first round compiles.
    const before = heapAfter();
    expect((heapAfter() - before) / TIMERS).toBeLessThan(30);
  });
});
