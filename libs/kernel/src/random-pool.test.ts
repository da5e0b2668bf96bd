import { describe, expect, it } from 'vitest';
import { RandomPool } from './random-pool.js';

describe('a pool of random bytes', () => {
  it('gives as many as are asked for, also when it has to be filled again', () => {
    const pool = new RandomPool();
    for (const count of [9, 12, 4_096, 1, 4_090, 12]) expect(pool.take(count)).toHaveLength(count);
  });

  it('gives none twice', () => {
    const pool = new RandomPool();
    const taken = Array.from({ length: 2_000 }, () => pool.take(9).toString('hex'));
    expect(new Set(taken).size).toBe(2_000);
  });

  it('leaves what it has given untouched', () => {
    const pool = new RandomPool();
    const first = pool.take(12);
    const text = first.toString('hex');
    for (let more = 0; more < 1_000; more += 1) pool.take(12);
    expect(first.toString('hex')).toBe(text);
  });
});
