import { expect, it } from 'vitest';
import { limitOf } from './address-limits.js';

it.each([
  ['/auth/login', 'login'],
  ['/auth/callback', 'login'],
  ['/auth/session', 'address'],
  ['/oauth/token', 'token'],
  ['/oauth/authorize', 'token'],
  ['/api/*', 'address'],
  ['/notifications', 'address'],
  ['/admin/overview', 'address'],
  [undefined, 'address'],
  ['/health/ready', undefined],
  ['/metrics', undefined],
])('limits the route %s as %s', (route, name) => {
  expect(limitOf(route)).toBe(name);
});
