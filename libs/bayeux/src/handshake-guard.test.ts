import { FakeClock } from '@gw/kernel/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { HandshakeGuard } from './handshake-guard.js';

describe('the guard of re-handshakes', () => {
  let clock: FakeClock;
  let guard: HandshakeGuard;

  beforeEach(() => {
    clock = new FakeClock();
    guard = new HandshakeGuard(clock, () => 0.5);
  });

  it('lets the first one come nearly at once, and each further one later', () => {
    expect([1, 2, 3, 4].map(() => guard.next())).toEqual([125, 1_000, 2_000, 4_000]);
  });

  it('is not taken in by sessions that are lost right after they connected', async () => {
    const waits: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      waits.push(guard.next());
      guard.connected();
      await clock.elapse(29_999);
      guard.connected();
    }
    expect(waits).toEqual([125, 1_000, 2_000, 4_000]);
  });

  it('begins anew after a session that lasted', async () => {
    for (let n = 0; n < 5; n += 1) guard.next();
    guard.connected();
    await clock.elapse(15_000);
    guard.connected();
    await clock.elapse(15_000);
    expect([guard.next(), guard.next()]).toEqual([125, 1_000]);
  });

  it('counts how long a session was connected, not how long it took to connect', async () => {
    guard.next();
    guard.next();
    await clock.elapse(60_000);
    guard.connected();
    expect(guard.next()).toBe(2_000);
    await clock.elapse(60_000);
    expect(guard.next()).toBe(4_000);
  });

  it('keeps an upstream that always says 402 under a handful of handshakes a minute', async () => {
    let handshakes = 0;
    const end = clock.now() + 60_000;
    while (clock.now() < end) {
      handshakes += 1;
      guard.connected();
      await clock.elapse(guard.next());
    }
    expect(handshakes).toBeLessThanOrEqual(7);
  });
});
