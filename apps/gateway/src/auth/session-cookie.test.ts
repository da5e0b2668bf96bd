import { expect, it } from 'vitest';
import { SessionCookie } from './session-cookie.js';

it('the session cookie is bound to this host where browsers come by https', () => {
  const cookie = new SessionCookie('https://desk.example.com');
  expect(cookie.set('abc')).toBe('__Host-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure');
  expect(cookie.clear()).toBe('__Host-session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0');
  expect(cookie.read({ cookie: 'session=planted; __Host-session=abc' })).toBe('abc');
});

it('the session cookie has a plain name where browsers come by http', () => {
  const cookie = new SessionCookie('http://localhost:3000');
  expect(cookie.set('abc')).toBe('session=abc; Path=/; HttpOnly; SameSite=Lax');
  expect(cookie.read({ cookie: 'session=abc' })).toBe('abc');
});
