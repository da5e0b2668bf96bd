import { describe, expect, it } from 'vitest';
import { describeVerdict } from '../support/checker/verdict-text.js';
import { FAULT_NAMES } from '../soak/faults/fault-names.js';
import { soak } from '../soak/soak.js';

const MINUTES = 0.75;
const DEADLINE_MS = 300_000;

/** A short one of many; `npm run test:soak` goes on for as long as wanted. */
describe('The nemesis', () => {
  it(
    'strikes gateways, Redis, the network, the platform and people, and nothing is lost, doubled or silent',
    { timeout: DEADLINE_MS },
    async () => {
      const { verdict, run, takeovers, logs } = await soak(
        {
          seed: 13,
          minutes: MINUTES,
          kills: undefined,
          users: 12,
          tabs: 2,
          periodMs: 250,
          gateways: 3,
          redis: 'sentinel',
          atOneGateway: false,
          others: 0,
          spareFirst: false,
          faults: FAULT_NAMES,
        },
        () => {},
      );
      const account = describeVerdict(verdict, run);
      if (verdict.breaches.length > 0) console.error(logs);
      expect(verdict.breaches, account).toEqual([]);
      expect(verdict.heard, account).toBeGreaterThan(verdict.published);
      expect(run.faults.length, account).toBeGreaterThan(10);
      expect(
        takeovers.flatMap(({ silent }) => silent),
        account,
      ).toEqual([]);
    },
  );
});
