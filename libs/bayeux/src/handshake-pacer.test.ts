import { FakeClock } from '@gw/kernel/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HandshakePacer } from './handshake-pacer.js';

describe('the pacer of handshakes', () => {
  it('gives each its slot, one after the other', () => {
    const pacer = new HandshakePacer(10, new FakeClock());
    expect([1, 2, 3].map(() => pacer.reserve())).toEqual([0, 100, 200]);
  });

  it('makes nobody wait for slots that passed unused', async () => {
    const clock = new FakeClock();
    const pacer = new HandshakePacer(10, clock);
    pacer.reserve();
    await clock.elapse(60_000);
    expect([pacer.reserve(), pacer.reserve()]).toEqual([0, 100]);
  });

  it('never lets two come closer than its rate, nor wait without need', async () => {
    const arrivals = fc.array(fc.nat({ max: 500 }), { minLength: 2, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), arrivals, async (perSecond, pauses) => {
        const clock = new FakeClock(0);
        const pacer = new HandshakePacer(perSecond, clock);
        let last = -Infinity;
        for (const pause of pauses) {
          await clock.elapse(pause);
          const at = clock.now() + pacer.reserve();
          expect(at).toBeCloseTo(Math.max(clock.now(), last + 1_000 / perSecond), 6);
          last = at;
        }
      }),
      { numRuns: 30 },
    );
  });
});
