import { expect, it } from 'vitest';
import { RecoveryGuard } from './recovery-guard.js';

it('admits one attempt a key and interval, and forgets those that are over', () => {
  const guard = new RecoveryGuard(1_000);
  expect(guard.admits('a', 0)).toBe(true);
  expect(guard.admits('b', 500)).toBe(true);
  expect(guard.admits('a', 999)).toBe(false);
  expect(guard.admits('a', 1_000)).toBe(true);
  expect(guard.admits('b', 1_499)).toBe(false);
});
