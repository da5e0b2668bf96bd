import { expect, it } from 'vitest';
import { FreshLoads } from './fresh-loads.js';

it('Loads answer with what was there when they were asked for, or later', async () => {
  let value = 0;
  const seen: number[] = [];
  const finish: (() => void)[] = [];
  const loads = new FreshLoads<string>(async () => {
    const found = value;
    await new Promise<void>((resolve) => finish.push(resolve));
    seen.push(found);
  });
  const first = loads.run('a');
  value = 1;
  const later = [loads.run('a'), loads.run('a')];
  expect(finish).toHaveLength(1);
  finish[0]?.();
  await first;
  await Promise.resolve();
  finish[1]?.();
  await Promise.all(later);
  expect(seen).toEqual([0, 1]);
});

it('A load that failed is told to who asked, and does not keep the next from running', async () => {
  let attempts = 0;
  const loads = new FreshLoads<string>(() => {
    attempts += 1;
    return attempts === 1 ? Promise.reject(new Error('away')) : Promise.resolve();
  });
  const [first, second] = [loads.run('a'), loads.run('a')];
  await expect(first).rejects.toThrow('away');
  await second;
  expect(attempts).toBe(2);
});
