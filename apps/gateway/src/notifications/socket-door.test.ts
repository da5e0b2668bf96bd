import { FakeClock } from '@gw/kernel/testing';
import { describe, expect, it } from 'vitest';
import { type Admission, SocketDoor } from './socket-door.js';

const RATE = 10;

describe('the door for sockets', () => {
  const clock = new FakeClock();
  const knock = (door: SocketDoor, times: number) => Array.from({ length: times }, () => door.knock());
  const admitted = (admissions: readonly Admission[]) =>
    admissions.filter(({ kind }) => kind === 'admitted').length;
  const slots = (door: SocketDoor, times: number) => Array.from({ length: times }, () => door.slotMs());

  it('admits no more in any one second than it is set to', async () => {
    const door = new SocketDoor(RATE, clock);
    expect(admitted(knock(door, 30))).toBe(RATE);
    await clock.elapse(999);
    expect(admitted(knock(door, 30))).toBe(0);
    await clock.elapse(1);
    expect(admitted(knock(door, 4))).toBe(4);
    await clock.elapse(500);
    expect(admitted(knock(door, 30))).toBe(RATE - 4);
  });

  it('gives those it refuses a slot each, as many in a second as it admits in one', () => {
    const door = new SocketDoor(RATE, clock);
    knock(door, RATE);
    expect(slots(door, 5)).toEqual([1_100, 1_200, 1_300, 1_400, 1_500]);
    expect(door.knock()).toEqual({ kind: 'busy', retryAfterMs: 1_600 });
  });

  it('has admitted all who come back in their slot, whatever number came at once', async () => {
    const door = new SocketDoor(RATE, clock);
    const waiting: number[] = Array.from({ length: 100 }, () => 0);
    let [passed, inside] = [0, 0];
    for (let turn = 0; waiting.length > 0 && turn < 1_000; turn += 1) {
      const at = Math.min(...waiting);
      await clock.elapse(at - passed);
      passed = at;
      waiting.splice(waiting.indexOf(at), 1);
      if (door.knock().kind === 'admitted') inside += 1;
      // Who gets no slot tries again, as the library does.
      else waiting.push(at + (door.slotMs() ?? 1_000));
    }
    expect(inside).toBe(100);
    expect(passed).toBeLessThanOrEqual((2 * 100 * 1_000) / RATE);
  });

  it('does not let those who knock and have no slot keep the others away', async () => {
    const door = new SocketDoor(RATE, clock);
    for (let second = 0; second < 30; second += 1) {
      knock(door, 100);
      await clock.elapse(1_000);
    }
    knock(door, RATE);
    expect(door.slotMs()).toBe(1_100);
  });

  it('tells nobody to stay away for more than a minute', async () => {
    const door = new SocketDoor(RATE, clock);
    const told: number[] = [];
    for (let second = 0; second < 200; second += 1) {
      knock(door, RATE);
      told.push(...slots(door, RATE).map((slot) => slot ?? 0));
      await clock.elapse(1_000);
    }
    expect(Math.max(...told)).toBeLessThanOrEqual(60_000);
  });

  it('has no more slots in a second than there is time to tell', () => {
    const door = new SocketDoor(RATE, clock);
    expect(slots(door, 30).filter((slot) => slot !== undefined)).toHaveLength(RATE);
  });

  it('admits nobody once it is closed', () => {
    const door = new SocketDoor(RATE, clock);
    door.close();
    expect(door.knock()).toEqual({ kind: 'closed' });
  });
});
