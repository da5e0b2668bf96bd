import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCursor, parseCursor } from './position.js';

describe('a cursor', () => {
  it('is read back as the position it was made of', () => {
    const epoch = fc.stringMatching(/^[\w-]{8,32}$/);
    fc.assert(
      fc.property(epoch, fc.nat({ max: 999_999_999_999_999 }), (name, sequence) => {
        expect(parseCursor(formatCursor({ epoch: name, sequence }))).toEqual({ epoch: name, sequence });
      }),
    );
  });

  it.each([
    '',
    'x',
    'abcdefgh',
    'abcdefgh.',
    'abcdefgh.-1',
    'abcdefgh.01',
    'abcdefgh.1.2',
    'abc def gh.1',
    '.1',
  ])('that is not ours, like %j, is no position', (cursor) => expect(parseCursor(cursor)).toBeUndefined());
});
