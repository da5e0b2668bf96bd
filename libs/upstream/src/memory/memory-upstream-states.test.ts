import { asApiName, asUserId } from '@gw/kernel';
import { expect, it } from 'vitest';
import { upstreamStatesContract } from '../testing/index.js';
import { MemoryUpstreamStates } from './memory-upstream-states.js';

upstreamStatesContract('memory', () => {
  const here = new MemoryUpstreamStates();
  const there = new MemoryUpstreamStates({ beside: here });
  return Promise.resolve({ here, there, close: () => Promise.resolve() });
});

it('A full memory of upstream states forgets whom nobody changed for longest', async () => {
  const states = new MemoryUpstreamStates({ maxUsers: 2 });
  const api = asApiName('workspace');
  for (const user of ['a', 'b', 'a', 'c']) await states.initialised(asUserId(user), api);
  const known = await Promise.all(['a', 'b', 'c'].map((user) => states.load(asUserId(user))));
  expect(known.map(({ generations }) => generations.get(api))).toEqual([2, undefined, 1]);
});
