import { FakeClock } from '@gw/kernel/testing';
import { keyStoreContract } from '../testing/key-store.contract.js';
import { MemoryKeyStore } from './memory-key-store.js';

const limits = { windowMs: 1_000, maxKeys: 5 };

keyStoreContract('memory', () => {
  const clock = new FakeClock();
  const store = new MemoryKeyStore(clock, limits);
  return Promise.resolve({
    here: store,
    there: store,
    ...limits,
    elapse: (ms) => clock.elapse(ms),
    close: () => Promise.resolve(),
  });
});
