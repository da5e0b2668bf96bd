import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from './fingerprint.js';
import { parseIdempotencyKey } from './idempotency-key.js';

describe('the field Idempotency-Key', () => {
  it.each([
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['  "a b, c" ', 'a b, c'],
    [String.raw`"a\"b\\"`, String.raw`a"b\ `.trim()],
    ['dGVzdA==', 'dGVzdA=='],
  ])('%s holds a key', (field, key) => expect(parseIdempotencyKey(field)).toEqual({ kind: 'key', key }));

  it.each([
    ...['', '""', '"', '"a', 'a"', 'a b', 'a,b', '"a", "b"', '"ä"', 'ä', '"a\u0001"', String.raw`"a\b"`],
    ...[`"${'x'.repeat(256)}"`, 'x'.repeat(256), '"a";p=1'],
  ])('%s holds none', (field) => expect(parseIdempotencyKey(field)).toEqual({ kind: 'malformed' }));

  it('may be absent, but not there several times', () => {
    expect(parseIdempotencyKey(undefined)).toEqual({ kind: 'none' });
    expect(parseIdempotencyKey(['a', 'b'])).toEqual({ kind: 'malformed' });
  });
});

describe('the fingerprint of a request', () => {
  it('differs with method, target and body, and in no other way', () => {
    const request = fc.tuple(fc.constantFrom('POST', 'PATCH'), fc.string(), fc.option(fc.string()));
    const of = ([method, target, body]: [string, string, string | null]) =>
      fingerprintOf(method, target, body === null ? undefined : Buffer.from(body));
    fc.assert(
      fc.property(request, request, (one, other) => {
        const same =
          JSON.stringify(one.map((part) => part ?? '')) === JSON.stringify(other.map((part) => part ?? ''));
        expect(of(one) === of(other)).toBe(same);
      }),
    );
  });
});
