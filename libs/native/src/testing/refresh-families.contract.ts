import { newSessionId } from '@gw/sessions';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HandleHash } from '../handle.js';
import { type RefreshFamilies } from '../refresh-families.js';
import { newRefreshToken, successorOf } from '../refresh-token.js';

export interface RefreshFamiliesHarness {
  readonly families: RefreshFamilies;
  /** Lets `ms` milliseconds pass: a fake clock for memory, real waiting elsewhere. */
  readonly elapse: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const LONG_MS = 60_000;

/** What every RefreshFamilies promises; `open` gives an empty one. */
export function refreshFamiliesContract(name: string, open: () => Promise<RefreshFamiliesHarness>): void {
  describe(`RefreshFamilies (${name})`, () => {
    let harness: RefreshFamiliesHarness;
    let families: RefreshFamilies;

    beforeEach(async () => {
      harness = await open();
      families = harness.families;
    });
    afterEach(() => harness.close());

    const first = newRefreshToken();
    const { family } = first;
    const hash = (): HandleHash => successorOf(first).hash;

    it('tells the session of a family', async () => {
      const session = newSessionId();
      await families.begin(family, session, first.hash, LONG_MS);
      await families.rotate(family, first.hash, hash());
      expect(await families.sessionOf(family)).toBe(session);
      expect(await families.sessionOf(newRefreshToken().family)).toBeUndefined();
    });

    it('rotates the living token only: one that went before, or any other, is spent', async () => {
      await families.begin(family, newSessionId(), first.hash, LONG_MS);
      const [second, third] = [hash(), hash()];
      expect(await families.rotate(family, first.hash, second)).toBe('rotated');
      expect(await families.rotate(family, first.hash, hash())).toBe('spent');
      expect(await families.rotate(family, third, hash())).toBe('spent');
      expect(await families.rotate(family, second, third)).toBe('rotated');
      expect(await families.rotate(family, first.hash, hash())).toBe('spent');
      expect(await families.rotate(family, second, hash())).toBe('spent');
      expect(await families.rotate(family, third, hash())).toBe('rotated');
    });

    it('lets one of many who present a token at the same time rotate it', async () => {
      await families.begin(family, newSessionId(), first.hash, LONG_MS);
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, () => families.rotate(family, first.hash, hash())),
      );
      expect(outcomes.filter((outcome) => outcome === 'rotated')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'spent')).toHaveLength(7);
    });

    it('forgets a family when its time is over, however often it rotated', async () => {
      await families.begin(family, newSessionId(), first.hash, 200);
      const second = hash();
      await families.rotate(family, first.hash, second);
      await harness.elapse(250);
      expect(await families.sessionOf(family)).toBeUndefined();
      expect(await families.rotate(family, second, hash())).toBe('gone');
    });
  });
}
