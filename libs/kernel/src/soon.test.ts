import { describe, expect, it } from 'vitest';
import { after } from './soon.js';

describe('going on with a value', () => {
  it('that is at hand needs no wait', () => {
    expect(after(1, (one) => one + 1)).toBe(2);
  });

  it('that is not waits for it', async () => {
    const later = after(Promise.resolve(1), (one) => one + 1);
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toBe(2);
  });

  it('fails as the value comes: at once, or later', async () => {
    const fail = () => {
      throw new Error('no');
    };
    expect(() => after(1, fail)).toThrow('no');
    await expect(after(Promise.resolve(1), fail)).rejects.toThrow('no');
  });
});
