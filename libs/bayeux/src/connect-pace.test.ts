import { describe, expect, it } from 'vitest';
import { ConnectPace } from './connect-pace.js';

describe('the pace of connects', () => {
  const after = (...answers: [tookMs: number, carried: boolean][]) => {
    const pace = new ConnectPace();
    for (const answer of answers) pace.answered(...answer);
    return pace.pauseMs;
  };
  const empty: [number, boolean] = [1, false];

  it('does not slow down a server that holds connects, or answers them with messages', () => {
    expect(after(empty, empty, empty)).toBe(0);
    expect(after(...Array.from({ length: 50 }, (): [number, boolean] => [1, true]))).toBe(0);
    expect(after(...Array.from({ length: 50 }, (): [number, boolean] => [20_000, false]))).toBe(0);
  });

  it('slows down more and more, up to 5 s, while a server answers at once with nothing', () => {
    const pauses = [4, 5, 6, 7, 20].map((count) => after(...Array.from({ length: count }, () => empty)));
    expect(pauses).toEqual([100, 200, 400, 800, 5_000]);
  });

  it('is back to normal after one message', () => {
    expect(after(...Array.from({ length: 20 }, () => empty), [1, true])).toBe(0);
  });
});
