import { FakeClock } from '@gw/kernel/testing';
import { aSession } from '@gw/sessions/testing';
import { expect, it } from 'vitest';
import { handleHashOf, newHandle } from '../handle.js';
import { accessHandlesContract } from '../testing/index.js';
import { MemoryAccessHandles } from './memory-access-handles.js';

accessHandlesContract('memory', () => {
  const clock = new FakeClock();
  return Promise.resolve({
    handles: new MemoryAccessHandles(clock),
    elapse: (ms) => clock.elapse(ms),
    close: () => Promise.resolve(),
  });
});

it('a full memory of access handles forgets the oldest', async () => {
  const handles = new MemoryAccessHandles(new FakeClock(), 2);
  const hashes = Array.from({ length: 3 }, () => handleHashOf(newHandle()));
  for (const hash of hashes) await handles.put(hash, { session: aSession(0).id, expiresAt: 1 }, 60_000);
  const found = await Promise.all(hashes.map((hash) => handles.find(hash)));
  expect(found.map((grant) => grant !== undefined)).toEqual([false, true, true]);
});
