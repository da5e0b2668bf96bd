import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowedReturnTo } from './return-to.js';

const own = 'https://desk.example.com';
const policy = { ownOrigin: own, allowedOrigins: ['https://crm.example.com'] };

describe('return_to', () => {
  it.each([
    ['/', '/'],
    ['/desk?tab=1&next=%2F%2Fother#calls', '/desk?tab=1&next=%2F%2Fother#calls'],
    ['/a//b', '/a//b'],
    ['/käse', '/k%C3%A4se'],
    ['/a%20b', '/a%20b'],
    ['/a%2Fb', '/a%2Fb'],
    [`${own}/desk`, `${own}/desk`],
    ['https://crm.example.com/case/1', 'https://crm.example.com/case/1'],
  ])('may be %s', (value, followed) => {
    expect(allowedReturnTo(value, policy)).toBe(followed);
  });

  it.each([
    '',
    'desk',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    '/desk\r\nset-cookie: a=b',
    '/%2Fevil.example',
    '/%2f%2fevil.example',
    '/%5Cevil.example',
    '/%255Cevil.example',
    '/%252Fevil.example',
    '/%25252Fevil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    '/%2e//evil.example',
    '/%0d%0aset-cookie:a',
    '/%09/evil.example',
    '/%',
    '/%c0%af',
    'javascript:alert(1)',
    'data:text/html,x',
    'https:evil.example',
    'https:/evil.example',
    'https:///evil.example',
    'https://evil.example/',
    `${own}.evil.example/`,
    `${own}@evil.example/`,
    'https://user:pass@desk.example.com/',
    'http://desk.example.com/',
    'https://desk.example.com:8443/',
    'https://crm.example.com.evil.example/',
    `/${'a'.repeat(3_000)}`,
  ])('may not be %j', (value) => {
    expect(allowedReturnTo(value, policy)).toBeUndefined();
  });

  it('never leads a browser to another origin, whatever it is made of', () => {
    const part = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2f',
      '%5c',
      '%2e',
      '@',
      ':',
      'evil.example',
      '\t',
      '?',
      '#',
      'http',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
        const followed = allowedReturnTo(parts.join(''), policy);
        if (followed !== undefined) expect(new URL(followed, own).origin).toBe(own);
      }),
      { numRuns: 2_000 },
    );
  });
});
