import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AccessHandles } from '../access-handles.js';
import { handleHashOf, newHandle } from '../handle.js';
import { aSession } from '@gw/sessions/testing';

export interface AccessHandlesHarness {
  readonly handles: AccessHandles;
  /** Lets `ms` milliseconds pass: a fake clock for memory, real waiting elsewhere. */
  readonly elapse: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const LONG_MS = 60_000;

/** What every AccessHandles promises; `open` gives an empty one. */
export function accessHandlesContract(name: string, open: () => Promise<AccessHandlesHarness>): void {
  describe(`AccessHandles (${name})`, () => {
    let harness: AccessHandlesHarness;
    let handles: AccessHandles;

    beforeEach(async () => {
      harness = await open();
      handles = harness.handles;
    });
    afterEach(() => harness.close());

    const hash = () => handleHashOf(newHandle());
    const grant = () => ({ session: aSession(0).id, expiresAt: 1_234 });

    it('tells each handle its own session, as often as it is asked', async () => {
      const [one, other] = [hash(), hash()];
      const [ofOne, ofOther] = [grant(), grant()];
      await handles.put(one, ofOne, LONG_MS);
      await handles.put(other, ofOther, LONG_MS);
      expect(await handles.find(one)).toEqual(ofOne);
      expect(await handles.find(one)).toEqual(ofOne);
      expect(await handles.find(other)).toEqual(ofOther);
    });

    it('knows nothing of a handle that was never given', async () => {
      expect(await handles.find(hash())).toBeUndefined();
    });

    it('forgets a handle when its time is over', async () => {
      const [short, long] = [hash(), hash()];
      await handles.put(short, grant(), 200);
      await handles.put(long, grant(), LONG_MS);
      await harness.elapse(250);
      expect(await handles.find(short)).toBeUndefined();
      expect(await handles.find(long)).toBeDefined();
    });
  });
}
