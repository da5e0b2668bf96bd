import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cookiesOf, cookieValue } from './cookie-header.js';

describe('a cookie', () => {
  it.each([
    ['session=abc', 'abc'],
    ['a=1; session=abc; b=2', 'abc'],
    ['a=1;session=abc', 'abc'],
    ['  session=abc  ', 'abc'],
    ['session=', ''],
    ['session=a=b=', 'a=b='],
    ['session=abc; a=1; session=abc', 'abc'],
    ['xsession=1; session=abc', 'abc'],
    ['a=session=evil; session=abc', 'abc'],
    ['session=abc;', 'abc'],
  ])('is found in %j', (header, value) => {
    expect(cookieValue(header, 'session')).toBe(value);
    expect(cookiesOf(header).get('session')).toBe(value);
  });

  it.each([
    undefined,
    '',
    ';',
    'session',
    'sessions=1',
    'Session=1',
    'xsession=1',
    'a=session=1',
    '__Host-session=1',
    'session=ours; session=planted',
    'session=planted; a=1; session=ours',
    'session=; session=ours',
    'session=a; session=b; session=a',
  ])('is not found in %j', (header) => {
    expect(cookieValue(header, 'session')).toBeUndefined();
    expect(cookiesOf(header).get('session')).toBeUndefined();
  });

  const name = fc.stringMatching(/^[\w-]{1,8}$/u);
  const value = fc.stringMatching(/^[\w.=-]{0,12}$/u);

  it('is found among any others, whatever their order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key }), (pairs) => {
        const header = pairs.map(([key, text]) => `${key}=${text}`).join('; ');
        for (const [key, text] of pairs) expect(cookieValue(header, key)).toBe(text);
        expect([...cookiesOf(header)]).toEqual(pairs);
      }),
    );
  });

  it('reads the same from any bytes alone as in the list of all', () => {
    const piece = fc.constantFrom('session', '=', ';', ' ', '"', 'x', '\t', 'session=', '; session=1', '==');
    const header = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(header, (text) => {
        expect(cookieValue(text, 'session')).toBe(cookiesOf(text).get('session'));
      }),
      { numRuns: 1_000 },
    );
  });
});
