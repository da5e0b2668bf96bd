import { describe, expect, it } from 'vitest';
import { CsrfPolicy } from './csrf-policy.js';

const policy = new CsrfPolicy('session', ['https://desk.example.com', 'https://crm.example.com']);
const cookie = 'session=abc';
const codeOf = (method: string, headers: Record<string, string>) => policy.refusalOf(method, headers)?.code;

describe('a request with the session cookie', () => {
  it.each([
    ['POST', { origin: 'https://desk.example.com' }],
    ['DELETE', { origin: 'https://crm.example.com', 'sec-fetch-site': 'cross-site' }],
    ['PUT', { 'sec-fetch-site': 'same-origin' }],
  ])('may %s from %j with X-CSRF', (method, headers) => {
    expect(codeOf(method, { cookie, 'x-csrf': '1', ...headers })).toBeUndefined();
  });

  it.each(['GET', 'HEAD', 'OPTIONS'])('may %s from anywhere', (method) => {
    expect(codeOf(method, { cookie, origin: 'https://evil.example' })).toBeUndefined();
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'get'])('may not %s without X-CSRF: 1', (method) => {
    const headers = { cookie, origin: 'https://desk.example.com', 'sec-fetch-site': 'same-origin' };
    expect(codeOf(method, headers)).toBe('csrf_header_missing');
    expect(codeOf(method, { ...headers, 'x-csrf': 'true' })).toBe('csrf_header_missing');
  });

  it.each([
    {},
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'https://desk.example.com.evil.example' },
    { origin: 'http://desk.example.com' },
    { origin: 'HTTPS://DESK.EXAMPLE.COM' },
    { origin: '' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'none' },
  ])('may not change anything from %j', (headers) => {
    expect(codeOf('POST', { cookie, 'x-csrf': '1', ...headers })).toBe('csrf_origin_refused');
  });
});

it('a request with a bearer is not made by its cookie', () => {
  const headers = { cookie, origin: 'https://evil.example', authorization: 'Bearer abc' };
  expect(codeOf('POST', headers)).toBeUndefined();
  expect(codeOf('POST', { ...headers, authorization: 'Basic YTpi' })).toBe('csrf_header_missing');
});

it('a request without the session cookie is none of its business', () => {
  expect(codeOf('POST', { origin: 'https://evil.example' })).toBeUndefined();
  expect(codeOf('POST', { cookie: 'other=1' })).toBeUndefined();
});
