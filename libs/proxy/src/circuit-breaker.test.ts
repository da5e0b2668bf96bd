import { asUserId, type UserId } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.js';

const jane = asUserId('jane');
const users = (count: number): UserId[] =>
  Array.from({ length: count }, (_, index) => asUserId(`user-${index}`));

let clock: FakeClock;
let changes: string[];
let circuit: CircuitBreaker;

beforeEach(() => {
  clock = new FakeClock();
  changes = [];
  circuit = new CircuitBreaker(clock, (state) => changes.push(state));
});

const answer = (times: number) => {
  for (let time = 0; time < times; time += 1) circuit.answered({ kind: 'closed' });
};
const open = () => {
  for (let time = 0; time < 5; time += 1) circuit.failed(jane, 'unreachable');
};

describe('a circuit opens', () => {
  it('when five requests in a row find no connection, be they one user’s', () => {
    for (let time = 0; time < 4; time += 1) circuit.failed(jane, 'unreachable');
    expect(circuit.admit()).toEqual({ kind: 'closed' });
    circuit.failed(jane, 'unreachable');
    expect(circuit.admit()).toEqual({ kind: 'open', retryAfterMs: 1_000 });
    expect(changes).toEqual(['open']);
  });

  it('when five users wait in vain', () => {
    for (const user of users(5)) circuit.failed(user, 'unanswered');
    expect(circuit.admit().kind).toBe('open');
  });

  it('when no more is answered than fails', () => {
    answer(5);
    for (const user of users(5)) circuit.failed(user, 'unanswered');
    expect(changes).toEqual(['open']);
  });
});

describe('a circuit stays closed', () => {
  it('however often one user waits in vain', () => {
    for (let time = 0; time < 1_000; time += 1) circuit.failed(jane, 'unanswered');
    for (const user of users(3)) circuit.failed(user, 'unanswered');
    expect(circuit.admit()).toEqual({ kind: 'closed' });
  });

  it('while more is answered than fails', () => {
    answer(6);
    for (const user of users(5)) circuit.failed(user, 'unanswered');
    expect(circuit.admit()).toEqual({ kind: 'closed' });
  });

  it('when failures are far apart', async () => {
    for (const user of users(20)) {
      circuit.failed(user, 'unreachable');
      await clock.elapse(4_000);
    }
    expect(changes).toEqual([]);
  });

  it('when what fails now is the rest of long ago', async () => {
    for (const user of users(4)) circuit.failed(user, 'unanswered');
    await clock.elapse(10_001);
    circuit.failed(jane, 'unanswered');
    expect(changes).toEqual([]);
  });
});

describe('an open circuit', () => {
  beforeEach(open);

  it('lets one request through after a second, and then at ever longer intervals', async () => {
    const probedAt: number[] = [];
    for (let second = 0; second < 46; second += 1) {
      if (circuit.admit().kind === 'probe') probedAt.push(second);
      expect(circuit.admit().kind).toBe('open');
      await clock.elapse(1_000);
    }
    expect(probedAt).toEqual([1, 3, 7, 15, 25, 35, 45]);
  });

  it('closes with the first probe that is answered, and begins with a clean record', async () => {
    await clock.elapse(1_000);
    const probe = circuit.admit();
    if (probe.kind !== 'probe') throw new Error('no probe');
    circuit.answered(probe);
    expect(changes).toEqual(['open', 'closed']);
    for (let time = 0; time < 4; time += 1) circuit.failed(jane, 'unreachable');
    expect(circuit.admit()).toEqual({ kind: 'closed' });
  });

  it('is not closed by an answer to what was sent before', () => {
    answer(10);
    expect(circuit.admit().kind).toBe('open');
  });

  it('says when it is worth while to come back', async () => {
    await clock.elapse(400);
    expect(circuit.admit()).toEqual({ kind: 'open', retryAfterMs: 600 });
  });
});
