import { describe, expect, it } from 'vitest';
import { waitMsOf } from './preference.js';

describe('a preference to wait', () => {
  it.each([
    ['wait=5', 5_000],
    ['WAIT=5', 5_000],
    ['wait = 5', 5_000],
    ['wait="5"', 5_000],
    ['respond-async, wait=10', 10_000],
    ['return=minimal; x=1 , wait=10', 10_000],
    ['wait=3; foo="a, wait=9"', 3_000],
    ['foo="a, wait=9", wait=3', 3_000],
    ['foo="\\", wait=9", wait=3', 3_000],
    ['wait=1, wait=20', 1_000],
    ['wait=30', 30_000],
    ['wait=31', 30_000],
    ['wait=999999999', 30_000],
  ])('is taken from %s', (header, expected) => expect(waitMsOf(header)).toBe(expected));

  it.each([
    ...['', 'wait', 'wait=', 'wait=0', 'wait=-1', 'wait=1.5', 'wait=soon', 'wait=1e3', 'wait==5', 'await=5'],
    ...['wait 5', '"wait=5"', 'foo="wait=5"', 'wait="5', 'wait=soon, wait=5', 'wait=9999999999'],
  ])('is none: %s', (header) => expect(waitMsOf(header)).toBeUndefined());

  it('may stand in any of several fields, and in none', () => {
    expect(waitMsOf(['respond-async', 'wait=7'])).toBe(7_000);
    expect(waitMsOf(undefined)).toBeUndefined();
  });

  it('is not looked for in a field that is too long', () => {
    expect(waitMsOf(`${'a, '.repeat(100)}wait=7`)).toBe(7_000);
    expect(waitMsOf(`${'a, '.repeat(200)}wait=7`)).toBeUndefined();
  });
});
