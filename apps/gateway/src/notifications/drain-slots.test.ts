import { describe, expect, it } from 'vitest';
import { drainSlots } from './drain-slots.js';

describe('the slots of an instance that leaves', () => {
  it('are spread evenly, as many in a second as the others admit', () => {
    const { slots, perSecond } = drainSlots(5, 10, 60_000);
    expect(slots).toEqual([0, 100, 200, 300, 400]);
    expect(perSecond).toBe(10);
  });

  it('are closer when there is less time than that takes', () => {
    const { slots, perSecond } = drainSlots(1_000, 10, 20_000);
    expect(Math.max(...slots)).toBeLessThan(20_000);
    expect(perSecond).toBe(50);
    for (let second = 0; second < 20; second += 1) {
      const inIt = slots.filter((slot) => Math.floor(slot / 1_000) === second);
      expect(inIt).toHaveLength(50);
    }
  });

  it('are all at once where there is no time at all', () => {
    expect(drainSlots(3, 10, 0)).toEqual({ slots: [0, 0, 0], perSecond: Infinity });
  });

  it('are none without sockets', () => {
    expect(drainSlots(0, 10, 1_000).slots).toEqual([]);
  });
});
