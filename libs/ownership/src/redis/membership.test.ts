import { asInstanceId } from '@gw/kernel';
import { describe, expect, it } from 'vitest';
import { Membership } from './membership.js';

const heard = (name: string, silentMs: number) => ({
  instance: asInstanceId(name),
  silentMs,
  isLeaving: false,
});

describe('Membership', () => {
  it('knows when the next one that is missed counts as dead', () => {
    const membership = new Membership(3_000);
    const all = [heard('well', 900), heard('missed', 2_400), heard('missed for less', 1_600)];
    membership.hear(all, false, 0);
    expect(membership.dueMs(all, 1_500)).toBe(601);
    expect(membership.dueMs([heard('well', 900)], 1_500)).toBe(Infinity);
  });

  it('waits for nobody who is dead already', () => {
    const membership = new Membership(3_000);
    const all = [heard('dead', 3_001)];
    expect(membership.hear(all, false, 0)).toEqual([asInstanceId('dead')]);
    expect(membership.dueMs(all, 1_500)).toBe(Infinity);
  });
});
