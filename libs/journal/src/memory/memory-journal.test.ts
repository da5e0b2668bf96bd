import { FakeClock } from '@gw/kernel/testing';
import { journalContract } from '../testing/index.js';
import { MemoryJournal } from './memory-journal.js';

journalContract('memory', () => {
  const clock = new FakeClock();
  const options = { maxLength: 10, ttlMs: 1_000 };
  return Promise.resolve({
    journal: new MemoryJournal(options, clock),
    ...options,
    elapse: (ms) => clock.elapse(ms),
    close: () => Promise.resolve(),
  });
});
