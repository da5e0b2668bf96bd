import { expect, it } from 'vitest';
import { bearerOf } from './bearer-header.js';

it.each([
  ['Bearer abc', 'abc'],
  ['bearer abc', 'abc'],
  ['BEARER   abc ', 'abc'],
  ['Bearer', ''],
  ['Bearer ', ''],
  ['Bearer a b', 'a b'],
  ['Bearerabc', undefined],
  ['Basic YTpi', undefined],
  ['', undefined],
  [undefined, undefined],
])('of the header Authorization: %s the bearer is %s', (authorization, bearer) => {
  expect(bearerOf({ authorization })).toBe(bearer);
});
