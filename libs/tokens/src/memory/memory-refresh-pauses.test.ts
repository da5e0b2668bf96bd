import { FakeClock } from '@gw/kernel/testing';
import { refreshPausesContract } from '../testing/index.js';
import { MemoryRefreshPauses } from './memory-refresh-pauses.js';

refreshPausesContract('memory', () => {
  const clock = new FakeClock();
  const pauses = new MemoryRefreshPauses(clock);
  return Promise.resolve({
    here: pauses,
    there: pauses,
    elapse: (ms) => clock.elapse(ms),
    close: () => {},
  });
});
