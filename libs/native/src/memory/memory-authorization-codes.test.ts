import { FakeClock } from '@gw/kernel/testing';
import { expect, it } from 'vitest';
import { handleHashOf, newHandle } from '../handle.js';
import { aGrant, authorizationCodesContract } from '../testing/index.js';
import { MemoryAuthorizationCodes } from './memory-authorization-codes.js';

authorizationCodesContract('memory', () => {
  const clock = new FakeClock();
  return Promise.resolve({
    codes: new MemoryAuthorizationCodes(clock),
    elapse: (ms) => clock.elapse(ms),
    close: () => Promise.resolve(),
  });
});

it('a full memory of codes forgets the oldest', async () => {
  const codes = new MemoryAuthorizationCodes(new FakeClock(), 2);
  const hashes = Array.from({ length: 3 }, () => handleHashOf(newHandle()));
  for (const hash of hashes) await codes.put(hash, aGrant(), 60_000);
  const redeemed = await Promise.all(hashes.map((hash) => codes.redeem(hash, 60_000)));
  expect(redeemed.map(({ kind }) => kind)).toEqual(['unknown', 'granted', 'granted']);
});
