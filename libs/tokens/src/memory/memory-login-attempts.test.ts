import { Secret } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { expect, it } from 'vitest';
import { loginAttemptsContract } from '../testing/index.js';
import { MemoryLoginAttempts } from './memory-login-attempts.js';

loginAttemptsContract('memory', () => {
  const clock = new FakeClock();
  return Promise.resolve({
    attempts: new MemoryLoginAttempts(clock),
    elapse: (ms) => clock.elapse(ms),
    close: () => Promise.resolve(),
  });
});

it('A full memory of login attempts forgets the oldest', async () => {
  const attempts = new MemoryLoginAttempts(new FakeClock(), 3);
  const attempt = { codeVerifier: new Secret('verifier'), browser: 'browser', returnTo: '/desk' };
  for (let index = 0; index <= 3; index += 1) await attempts.put(`state-${index}`, attempt, 60_000);
  expect(await attempts.take('state-0')).toBeUndefined();
  expect(await attempts.take('state-1')).toBeDefined();
  expect(await attempts.take('state-3')).toBeDefined();
});
