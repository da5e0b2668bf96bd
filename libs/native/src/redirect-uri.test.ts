import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRegistered, withParameters } from './redirect-uri.js';
import { anyText } from './testing/index.js';

const APP = 'com.example.phone:/signed-in';
const CLAIMED = 'https://phone.example.com/signed-in?of=app';
const LOOPBACK = 'http://127.0.0.1/signed-in';
const LOOPBACK_6 = 'http://[::1]:8080/signed-in';
const registered = [APP, CLAIMED, LOOPBACK, LOOPBACK_6];

describe('a redirect URI', () => {
  it.each([
    ...registered,
    'http://127.0.0.1:1/signed-in',
    'http://127.0.0.1:65535/signed-in',
    'http://[::1]/signed-in',
    'http://[::1]:49152/signed-in',
  ])('is taken: %s', (uri) => {
    expect(isRegistered(uri, registered)).toBe(true);
  });

  it.each([
    '',
    'com.example.phone:/signed-in/',
    'com.example.phone://signed-in',
    'COM.EXAMPLE.PHONE:/signed-in',
    'com.example.phone:/signed-in?x=1',
    'com.example.phone:/signed-in#x',
    'https://phone.example.com/signed-in',
    'https://phone.example.com:443/signed-in?of=app',
    'https://phone.example.com/signed-in?of=app&x=1',
    'https://phone.example.com.evil.example/signed-in?of=app',
    'https://phone.example.com@evil.example/signed-in?of=app',
    'http://phone.example.com/signed-in?of=app',
    'http://127.0.0.1:8080/other',
    'http://127.0.0.1:8080/signed-in/..',
    'http://127.0.0.1:8080/signed-in?x=1',
    'http://127.0.0.1:8080/signed-in#x',
    'http://127.0.0.1:8080@evil.example/signed-in',
    'http://127.0.0.1@evil.example/signed-in',
    'http://127.0.0.1.evil.example/signed-in',
    'http://127.0.0.1:/signed-in',
    'http://127.0.0.1:123456/signed-in',
    'http://127.0.0.2/signed-in',
    'http://127.1/signed-in',
    'http://2130706433/signed-in',
    'http://localhost/signed-in',
    'http://0.0.0.0/signed-in',
    'https://127.0.0.1/signed-in',
    'HTTP://127.0.0.1/signed-in',
    'http:\\\\127.0.0.1\\signed-in',
    ' http://127.0.0.1/signed-in',
    'http://127.0.0.1/signed-in\n',
    'http://127.0.0.1/signed-in%20',
    'javascript:alert(1)',
    'data:text/html,x',
  ])('is refused: %s', (uri) => {
    expect(isRegistered(uri, registered)).toBe(false);
  });

  it('leads to a host that was registered, whatever is taken', () => {
    const piece = fc.constantFrom(
      'http://',
      '127.0.0.1',
      '[::1]',
      ':80',
      '/signed-in',
      '@',
      '\\',
      '.evil',
      '?',
      '#',
      '%2f',
      '\t',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const uri = pieces.join('');
        if (!isRegistered(uri, [LOOPBACK, LOOPBACK_6])) return;
        const { protocol, hostname, pathname, search, hash, username } = new URL(uri);
        expect(['127.0.0.1', '[::1]']).toContain(hostname);
        expect([protocol, pathname, search, hash, username]).toEqual(['http:', '/signed-in', '', '', '']);
      }),
      { numRuns: 5_000 },
    );
  });

  it('keeps its query, and gets the answer behind it', () => {
    expect(withParameters(APP, { code: 'a b&c', state: undefined })).toBe(`${APP}?code=a+b%26c`);
    expect(withParameters(CLAIMED, { code: 'c' })).toBe(`${CLAIMED}&code=c`);
  });

  it('brings back any state as it was', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(...registered), (state, uri) => {
        const answer = new URL(withParameters(uri, { code: 'c', state }));
        expect(answer.searchParams.get('state')).toBe(state);
        expect(answer.hash).toBe('');
      }),
    );
  });
});
