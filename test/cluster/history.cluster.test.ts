import { describe, expect, it } from 'vitest';
import { faultsIn } from '../support/history.js';

/** Who watches the watchman: the tests of this folder believe in what this finds. */
describe('The history of a client', () => {
  const published = [0, 1, 2, 3, 4];

  it('is as promised when every number came once, in order', () => {
    expect(faultsIn(published, [0, 1, 2, 3, 4])).toEqual([]);
  });

  it('is as promised when a gap tells, before anything newer, that some were lost', () => {
    expect(faultsIn(published, [0, 'gap', 3, 4])).toEqual([]);
    expect(faultsIn(published, ['gap', 'gap', 4])).toEqual([]);
    expect(faultsIn(published, [0, 1, 'gap', 2, 3, 4])).toEqual([]);
    expect(faultsIn(published, [0, 1, 2, 'gap'])).toEqual([]);
  });

  it.each([
    ['a hole', [0, 1, 3, 4], ['nobody told that 2 to 2 were lost']],
    ['a hole that a gap tells of too late', [0, 1, 4, 'gap'], ['nobody told that 2 to 3 were lost']],
    ['a hole after another that was told', [0, 'gap', 2, 4], ['nobody told that 3 to 3 were lost']],
    ['a double', [0, 1, 1, 2, 3, 4], ['1 came twice, or after a newer one']],
    ['a double behind a gap', [0, 1, 'gap', 1, 2, 3, 4], ['1 came twice, or after a newer one']],
    [
      'a wrong order',
      [0, 2, 1, 3, 4],
      ['nobody told that 1 to 1 were lost', '1 came twice, or after a newer one'],
    ],
    ['silence', [0, 1, 2], ['silence after 2']],
    ['nothing', [], ['silence after the beginning']],
    ['what nobody published', [0, 1, 2, 3, 4, 5], ['5 was never published']],
  ] as const)('is not, with %s', (_, heard, faults) => {
    expect(faultsIn(published, heard)).toEqual(faults);
  });
});
