import { FakeClock } from '@gw/kernel/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { Interest } from './interest.js';

const LINGER_MS = 1_000;

describe('interest in a channel', () => {
  let clock: FakeClock;
  let ended: string[];
  let interest: Interest;

  beforeEach(() => {
    clock = new FakeClock();
    ended = [];
    interest = new Interest(LINGER_MS, clock, (channel) => ended.push(channel));
  });

  it('reaches back to where the journal stood when it began', () => {
    interest.hold('/a', 5);
    interest.hold('/a', 9);
    expect(interest.coversSince('/a', 4)).toBe(false);
    expect(interest.coversSince('/a', 5)).toBe(true);
    expect(interest.coversSince('/b', 5)).toBe(false);
  });

  it('lasts until its last holder is gone and the linger time over', async () => {
    interest.hold('/a', 0);
    interest.hold('/a', 0);
    interest.release('/a');
    await clock.elapse(LINGER_MS);
    interest.release('/a');
    await clock.elapse(LINGER_MS - 1);
    expect(ended).toEqual([]);
    expect(interest.channels).toEqual(['/a']);
    await clock.elapse(1);
    expect(ended).toEqual(['/a']);
    expect(interest.channels).toEqual([]);
    expect(interest.coversSince('/a', 0)).toBe(false);
  });

  it('goes on as if never left when somebody returns in time', async () => {
    interest.hold('/a', 3);
    interest.release('/a');
    await clock.elapse(LINGER_MS - 1);
    interest.hold('/a', 8);
    await clock.elapse(LINGER_MS);
    expect(ended).toEqual([]);
    expect(interest.coversSince('/a', 3)).toBe(true);
  });

  it('is not ended one by one when all of it is closed', async () => {
    interest.hold('/a', 0);
    interest.release('/a');
    interest.close();
    interest.release('/a');
    await clock.elapse(LINGER_MS);
    expect(ended).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
