import { asInstanceId } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { MemoryCluster, MemoryInstances, MemoryLeases } from '@gw/ownership/memory';
import { journalContract } from '../testing/index.js';
import { MemoryJournal } from './memory-journal.js';

journalContract('memory', () => {
  const clock = new FakeClock();
  const options = { maxLength: 10, ttlMs: 1_000 };
  const leases = new MemoryLeases(new MemoryInstances(asInstanceId('one'), new MemoryCluster(clock)));
  return Promise.resolve({
    journal: new MemoryJournal(options, clock, leases),
    ...options,
    seize: async (user, api) => (await leases.seize(user, api)).lease,
    saved: async (user, api) => (await leases.seize(user, api)).saved,
    elapse: (ms) => clock.elapse(ms),
    close: () => Promise.resolve(),
  });
});
