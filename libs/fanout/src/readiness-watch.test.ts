import { type ProbedReadiness, type Readiness } from '@gw/upstream';
import { FakeClock } from '@gw/kernel/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { ReadinessWatch } from './readiness-watch.js';

const readiness: Readiness = {
  channel: '/init',
  messageType: 'Initialised',
  stateMember: 'state',
  complete: 'Complete',
  failed: 'Failed',
  probe: { path: '/session', pointer: '/state', complete: 'Complete', failed: 'Failed' },
  timeoutMs: 12_000,
};
const message = (state: string) => ({ messageType: 'Initialised', state });

describe('the watch for readiness', () => {
  let clock: FakeClock;
  let outcomes: string[];
  let probes: number;
  let found: ProbedReadiness | Promise<ProbedReadiness>;
  let watch: ReadinessWatch;

  beforeEach(() => {
    clock = new FakeClock();
    outcomes = [];
    probes = 0;
    found = 'unknown';
    const probe = async () => {
      probes += 1;
      return found;
    };
    watch = new ReadinessWatch(readiness, probe, clock, (outcome) => outcomes.push(outcome));
  });

  it.each([
    ['Complete', 'complete'],
    ['Failed', 'failed'],
  ])('settles by the message that says %s, once', async (state, outcome) => {
    watch.start(true);
    watch.observe('/init', message(state));
    watch.observe('/init', message('Complete'));
    await clock.elapse(readiness.timeoutMs * 2);
    expect(outcomes).toEqual([outcome]);
    expect(probes).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['on another channel', '/other', message('Complete')],
    ['of another type', '/init', { messageType: 'Other', state: 'Complete' }],
    ['of a state in between', '/init', message('Executing')],
    ['without data', '/init', null],
    ['whose data is no object', '/init', 'Complete'],
  ])('takes no notice of a message %s', (_what, channel, data) => {
    watch.start(true);
    watch.observe(channel, data);
    expect(outcomes).toEqual([]);
  });

  it('probes every five seconds, and at the deadline for the last time', async () => {
    watch.start(true);
    await clock.elapse(11_999);
    expect([probes, outcomes]).toEqual([2, []]);
    await clock.elapse(1);
    expect([probes, outcomes]).toEqual([3, ['unconfirmed']]);
    expect(clock.pending).toBe(0);
  });

  it.each(['complete', 'failed'] as const)('settles when the probe finds it %s', async (state) => {
    watch.start(true);
    found = state;
    await clock.elapse(5_000);
    expect(outcomes).toEqual([state]);
  });

  it('asks once, at once, what was initialised before: no message is to come', async () => {
    watch.start(false);
    await clock.elapse(0);
    expect([probes, outcomes]).toEqual([1, ['unconfirmed']]);
    expect(clock.pending).toBe(0);
  });

  it.each(['complete', 'unknown'] as const)(
    'is silent once closed, also when a probe then says %s',
    async (late) => {
      let answer: (state: ProbedReadiness) => void = () => {};
      found = new Promise((resolve) => (answer = resolve));
      watch.start(true);
      await clock.elapse(5_000);
      watch.close();
      answer(late);
      watch.observe('/init', message('Complete'));
      await clock.elapse(readiness.timeoutMs * 2);
      expect([probes, outcomes]).toEqual([1, []]);
      expect(clock.pending).toBe(0);
    },
  );
});
