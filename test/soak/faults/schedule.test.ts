import { describe, expect, it } from 'vitest';
import { FAULT_NAMES, MACHINE_FAULTS } from './fault-names.js';
import { machineFaults, userFaults } from './schedule.js';

const first = <T>(count: number, of: Generator<T, void>): T[] =>
  Array.from({ length: count }, () => of.next().value as T);

describe('The schedule of the nemesis', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(first(20, machineFaults(7, FAULT_NAMES))).toEqual(first(20, machineFaults(7, FAULT_NAMES)));
    expect(first(20, machineFaults(7, FAULT_NAMES))).not.toEqual(first(20, machineFaults(8, FAULT_NAMES)));
  });

  it('has every fault in each round', () => {
    const names = first(MACHINE_FAULTS.length, machineFaults(3, FAULT_NAMES)).map(({ fault }) => fault);
    expect(names.toSorted()).toEqual([...MACHINE_FAULTS].toSorted());
  });

  it('has only what was chosen, and ends where nothing was', () => {
    expect(first(3, machineFaults(1, ['kill', 'drop'])).map(({ fault }) => fault)).toEqual([
      'kill',
      'kill',
      'kill',
    ]);
    expect(userFaults(1, ['kill']).next()).toEqual({ done: true, value: undefined });
  });
});
