import { FakeClock } from '@gw/kernel/testing';
import { expect, it } from 'vitest';
import { aSession, sessionStoreContract } from '../testing/index.js';
import { MemorySessionStore } from './memory-session-store.js';

sessionStoreContract('memory', () => {
  const clock = new FakeClock();
  return Promise.resolve({
    store: new MemorySessionStore(clock),
    now: () => clock.now(),
    elapse: (ms) => clock.elapse(ms),
    close: () => Promise.resolve(),
  });
});

it('takes no more sessions than fit, and has room again when old ones are over', async () => {
  const clock = new FakeClock();
  const store = new MemorySessionStore(clock, 1);
  await store.create(aSession(clock.now()), 100);
  await expect(store.create(aSession(clock.now()), 100)).rejects.toMatchObject({ code: 'sessions_full' });
  await clock.elapse(100);
  expect(await store.create(aSession(clock.now()), 100)).toBe('created');
});
