import { expect, it } from 'vitest';
import { statusCodeOf, valueAt } from './json-body.js';

it.each([
  ['{"status":{"code":1}}', 1],
  ['{"status":500,"error":"Internal Server Error"}', undefined],
  ['<html>', undefined],
  ['', undefined],
  ['null', undefined],
])('finds the status code of %s: %s', (body, code) => {
  expect(statusCodeOf(body)).toBe(code);
});

it.each([
  ['/a/b', 1],
  ['/a~1b/~0', 2],
  ['/list/1', 'y'],
  ['/a/missing/deeper', undefined],
  ['/constructor', undefined],
])('finds what the JSON pointer %s points to', (pointer, value) => {
  expect(valueAt('{"a":{"b":1},"a/b":{"~":2},"list":["x","y"]}', pointer)).toBe(value);
});
