import { randomUUID } from 'node:crypto';
import { asSessionId, type SessionId } from '@gw/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RefreshPauses } from '../refresh-pauses.js';

export interface RefreshPausesHarness {
  /** As two instances have them. */
  readonly here: RefreshPauses;
  readonly there: RefreshPauses;
  /** Lets `ms` milliseconds pass: a fake clock for memory, real waiting elsewhere. */
  readonly elapse: (ms: number) => Promise<void>;
  readonly close: () => void;
}

/** What every RefreshPauses promises. */
export function refreshPausesContract(name: string, open: () => Promise<RefreshPausesHarness>): void {
  describe(`RefreshPauses (${name})`, () => {
    let harness: RefreshPausesHarness;
    let here: RefreshPauses;
    let there: RefreshPauses;
    let id: SessionId;

    beforeEach(async () => {
      harness = await open();
      ({ here, there } = harness);
      id = asSessionId(randomUUID());
    });
    afterEach(() => harness.close());

    it('know of no pause before a failure', async () => {
      expect(await here.leftOf(id)).toBe(0);
      await here.clear(id);
    });

    it('hold back every instance after a failure at one, until the pause is over', async () => {
      const ms = await here.failed(id, 0);
      expect(ms).toBeGreaterThanOrEqual(1_000);
      expect(ms).toBeLessThanOrEqual(1_300);
      expect(await there.leftOf(id)).toBeGreaterThan(0);
      expect(await there.leftOf(id)).toBeLessThanOrEqual(ms);
      await harness.elapse(ms + 50);
      expect(await there.leftOf(id)).toBe(0);
    });

    it('count the failures of all instances as one row, also past the pause', async () => {
      await harness.elapse((await here.failed(id, 0)) + 50);
      expect(await there.failed(id, 0)).toBeGreaterThanOrEqual(2_000);
      expect(await here.failed(id, 0)).toBeGreaterThanOrEqual(4_000);
      let last = 0;
      for (let more = 0; more < 6; more += 1) last = await there.failed(id, 0);
      expect(last).toBeGreaterThanOrEqual(30_000);
      expect(last).toBeLessThanOrEqual(39_000);
    });

    it('are never shorter than the advice', async () => {
      expect(await here.failed(id, 7_000)).toBe(7_000);
      expect(await there.leftOf(id)).toBeGreaterThan(5_000);
    });

    it('begin anew after a success, wherever that was', async () => {
      for (let failures = 0; failures < 3; failures += 1) await here.failed(id, 0);
      await there.clear(id);
      expect(await here.leftOf(id)).toBe(0);
      expect(await here.failed(id, 0)).toBeLessThanOrEqual(1_300);
    });

    it('of one session are not those of another', async () => {
      await here.failed(id, 0);
      expect(await here.leftOf(asSessionId(randomUUID()))).toBe(0);
    });
  });
}
