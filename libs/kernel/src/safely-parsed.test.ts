import { expect, it } from 'vitest';
import { safelyParsed } from './safely-parsed.js';

const throwing = (error: Error) => ({
  safeParse: (): void => {
    throw error;
  },
});

it('is what the schema says', () => {
  expect(safelyParsed({ safeParse: (value) => [value] }, 1)).toEqual([1]);
});

it('is nothing where the value breaks the schema, and a failure of any other kind is one', () => {
  expect(
    safelyParsed(throwing(new TypeError('Cannot convert object to primitive value')), {}),
  ).toBeUndefined();
  expect(() => {
    safelyParsed(throwing(new RangeError('stack')), {});
  }).toThrow(RangeError);
});
