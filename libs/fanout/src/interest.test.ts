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

  const want = (sequence: number, ...channels: string[]) => interest.want(new Set(channels), sequence);

  it('reaches back to where the journal stood when it began', () => {
    expect(want(5, '/a')).toEqual(['/a']);
    expect(want(9, '/a')).toEqual([]);
    expect(interest.coversSince('/a', 4)).toBe(false);
    expect(interest.coversSince('/a', 5)).toBe(true);
    expect(interest.coversSince('/b', 5)).toBe(false);
  });

  it('lasts for the linger time after nobody wants it any more', async () => {
    want(0, '/a');
    want(0);
    await clock.elapse(LINGER_MS - 1);
    want(0);
    expect(ended).toEqual([]);
    expect(interest.channels).toEqual(['/a']);
    await clock.elapse(1);
    expect(ended).toEqual(['/a']);
    expect(interest.channels).toEqual([]);
    expect(interest.coversSince('/a', 0)).toBe(false);
  });

  it('goes on as if never left when somebody returns in time', async () => {
    want(3, '/a');
    want(4);
    await clock.elapse(LINGER_MS - 1);
    expect(want(7, '/a')).toEqual([]);
    await clock.elapse(LINGER_MS);
    expect(ended).toEqual([]);
    expect(interest.coversSince('/a', 3)).toBe(true);
  });

  it('is reported as covered only once the upstream has answered for it', () => {
    want(2, '/a', '/b');
    expect(interest.coverage).toEqual({});
    interest.settle('/a');
    expect(interest.coverage).toEqual({ '/a': 2 });
  });

  it('goes on from what an owner before covered, and lets go of what nobody wants any more', async () => {
    interest.restore({ '/a': 2, '/b': 3 });
    expect(want(9, '/b', '/c')).toEqual(['/c']);
    expect(interest.coverage).toEqual({ '/a': 2, '/b': 3 });
    await clock.elapse(LINGER_MS);
    expect(ended).toEqual(['/a']);
  });

  it('is not ended one by one when all of it is closed', async () => {
    want(0, '/a', '/b');
    want(0);
    interest.close();
    await clock.elapse(LINGER_MS);
    expect(ended).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
