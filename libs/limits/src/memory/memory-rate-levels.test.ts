import { FakeClock } from '@gw/kernel/testing';
import { rateLevelsContract } from '../testing/index.js';
import { MemoryRateLevels } from './memory-rate-levels.js';

rateLevelsContract('memory', () => {
  const clock = new FakeClock();
  const levels = new MemoryRateLevels(clock);
  return Promise.resolve({
    here: levels,
    there: levels,
    elapse: (ms) => clock.elapse(ms),
    close: () => {},
  });
});
