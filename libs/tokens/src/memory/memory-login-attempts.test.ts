import { FakeClock } from '@gw/kernel/testing';
import { loginAttemptsContract } from '../testing/index.js';
import { MemoryLoginAttempts } from './memory-login-attempts.js';

loginAttemptsContract('memory', () => {
  const clock = new FakeClock();
  const capacity = 3;
  return Promise.resolve({
    attempts: new MemoryLoginAttempts(clock, capacity),
    capacity,
    elapse: (ms) => clock.elapse(ms),
    close: () => Promise.resolve(),
  });
});
