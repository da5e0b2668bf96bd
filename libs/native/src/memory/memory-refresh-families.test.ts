import { FakeClock } from '@gw/kernel/testing';
import { newSessionId } from '@gw/sessions';
import { expect, it } from 'vitest';
import { newRefreshToken } from '../refresh-token.js';
import { refreshFamiliesContract } from '../testing/index.js';
import { MemoryRefreshFamilies } from './memory-refresh-families.js';

refreshFamiliesContract('memory', () => {
  const clock = new FakeClock();
  return Promise.resolve({
    families: new MemoryRefreshFamilies(clock),
    elapse: (ms) => clock.elapse(ms),
    close: () => Promise.resolve(),
  });
});

it('a full memory of families forgets the oldest', async () => {
  const families = new MemoryRefreshFamilies(new FakeClock(), 2);
  const tokens = Array.from({ length: 3 }, () => newRefreshToken());
  for (const { family, hash } of tokens) await families.begin(family, newSessionId(), hash, 60_000);
  const known = await Promise.all(tokens.map(({ family }) => families.sessionOf(family)));
  expect(known.map((session) => session !== undefined)).toEqual([false, true, true]);
});
