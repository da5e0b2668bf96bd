import { FakeClock } from '@gw/kernel/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { Deadline } from './deadline.js';

const MS = 2_000;
const never = () => new Promise<never>(() => {});
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a deadline for many answers', () => {
  let clock: FakeClock;
  let deadline: Deadline;
  let ended: string[];

  const wait = (name: string, answer: Promise<unknown>) =>
    deadline.within(answer).then(
      () => ended.push(name),
      (error: unknown) => ended.push(`${name}: ${(error as Error).message}`),
    );
  async function elapse(ms: number): Promise<void> {
    await clock.elapse(ms);
    await turn();
  }

  beforeEach(() => {
    clock = new FakeClock();
    deadline = new Deadline(MS, clock);
    ended = [];
  });

  it('gives back what is answered, and what fails', async () => {
    expect(await deadline.within(Promise.resolve(1))).toBe(1);
    await expect(deadline.within(Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  });

  it('ends each wait in the last quarter of its own time', async () => {
    void wait('first', never());
    await elapse(600);
    void wait('answered', turn());
    void wait('second', never());
    await elapse(899);
    expect(ended).toEqual(['answered']);
    await elapse(501);
    expect(ended).toEqual(['answered', 'first: no answer in time']);
    await elapse(600);
    expect(ended).toEqual(['answered', 'first: no answer in time', 'second: no answer in time']);
  });

  it('needs one timer however many wait, and none when nobody does any more', async () => {
    for (let count = 0; count < 100; count += 1) void wait(`${count}`, turn());
    void wait('late', never());
    expect(clock.pending).toBe(1);
    await elapse(MS);
    expect(ended).toHaveLength(101);
    expect(clock.pending).toBe(0);
    void wait('later', never());
    await elapse(MS);
    expect(ended.at(-1)).toBe('later: no answer in time');
  });

  it('reads what has arrived before it gives up, after the event loop stood still', async () => {
    const answered = wait('answered', turn());
    await clock.elapse(MS + 500);
    await answered;
    expect(ended).toEqual(['answered']);
  });
});
