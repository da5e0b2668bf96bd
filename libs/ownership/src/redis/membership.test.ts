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

  it('takes nobody for dead who was silent while we were, until there was time to say a word', () => {
    const membership = new Membership(3_000);
    const [one, two] = [asInstanceId('one'), asInstanceId('two')];
    membership.hear([heard('one', 500), heard('two', 500)], false, 0);
    expect(membership.hear([heard('one', 6_000), heard('two', 6_000)], true, 6_000)).toEqual([]);
    expect(membership.alive).toEqual([one, two]);
    expect(membership.dueMs([heard('one', 6_000)], 1_500)).toBe(Infinity);
    expect(membership.hear([heard('one', 100), heard('two', 7_000)], false, 7_000)).toEqual([]);
    expect(membership.hear([heard('one', 100), heard('two', 9_000)], false, 9_000)).toEqual([two]);
    expect(membership.alive).toEqual([one]);
  });

  it('waits for nobody who is dead already', () => {
    const membership = new Membership(3_000);
    const all = [heard('dead', 3_001)];
    expect(membership.hear(all, false, 0)).toEqual([asInstanceId('dead')]);
    expect(membership.dueMs(all, 1_500)).toBe(Infinity);
  });
});
