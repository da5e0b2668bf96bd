import { asUserId } from '@gw/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeptAnswer, type KeyStore } from '../key-store.js';

export interface KeyStoreHarness {
  /** Two instances' view of the same keys; one instance's twice where there is only one. */
  readonly here: KeyStore;
  readonly there: KeyStore;
  readonly windowMs: number;
  readonly maxKeys: number;
  /** Lets `ms` milliseconds pass: a fake clock for memory, real waiting elsewhere. */
  readonly elapse: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const anna = asUserId('anna {of} braces');
const bela = asUserId('bela');
const RUN_MS = 60_000;
const first = { token: 'first', fingerprint: 'f-1', runMs: RUN_MS };
const second = { token: 'second', fingerprint: 'f-2', runMs: RUN_MS };
const answer: KeptAnswer = {
  status: 201,
  headers: { 'content-type': 'application/json', 'preference-applied': 'wait' },
  body: Buffer.from([0, 255, 123, 10]),
};

/** What every KeyStore promises; `open` gives an empty one. */
export function keyStoreContract(name: string, open: () => Promise<KeyStoreHarness>): void {
  describe(`KeyStore (${name})`, () => {
    let harness: KeyStoreHarness;
    let here: KeyStore;
    let there: KeyStore;

    beforeEach(async () => {
      harness = await open();
      ({ here, there } = harness);
    });
    afterEach(() => harness.close());

    it('gives a key to one of many who claim it at once, at either instance', async () => {
      const claims = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          (index % 2 ? here : there).claim(anna, 'key', { ...first, token: String(index) }),
        ),
      );
      const kinds = claims.map(({ kind }) => kind).toSorted();
      expect(kinds).toEqual(['claimed', ...Array.from({ length: 9 }, () => 'running')]);
    });

    it('tells who comes later of the first, not of themselves', async () => {
      expect(await here.claim(anna, 'key', first)).toEqual({ kind: 'claimed' });
      const running = await there.claim(anna, 'key', second);
      expect(running).toMatchObject({ kind: 'running', fingerprint: 'f-1' });
      expect(running.kind === 'running' && running.leftMs > 0 && running.leftMs <= RUN_MS).toBe(true);
      await here.settle(anna, 'key', 'first', answer);
      expect(await there.claim(anna, 'key', second)).toEqual({
        kind: 'answered',
        fingerprint: 'f-1',
        answer,
      });
    });

    it('keeps users and keys apart', async () => {
      expect(await here.claim(anna, 'key', first)).toEqual({ kind: 'claimed' });
      expect(await here.claim(bela, 'key', second)).toEqual({ kind: 'claimed' });
      expect(await here.claim(anna, 'KEY', second)).toEqual({ kind: 'claimed' });
      await here.settle(anna, 'key', 'first', answer);
      expect(await here.claim(bela, 'key', first)).toMatchObject({ kind: 'running', fingerprint: 'f-2' });
    });

    it('frees a key that is released, for another request', async () => {
      await here.claim(anna, 'key', first);
      await here.release(anna, 'key', 'first');
      expect(await there.claim(anna, 'key', second)).toEqual({ kind: 'claimed' });
    });

    it('lets nobody settle or release what is another’s, or is not there', async () => {
      await here.claim(anna, 'key', first);
      await there.settle(anna, 'key', 'second', answer);
      await there.release(anna, 'key', 'second');
      await there.settle(anna, 'none', 'second', answer);
      await there.release(anna, 'none', 'second');
      expect(await there.claim(anna, 'key', second)).toMatchObject({ kind: 'running' });
      expect(await there.claim(anna, 'none', second)).toEqual({ kind: 'claimed' });
    });

    it('does not know what became of a request whose time is over, or which says so', async () => {
      await here.claim(anna, 'slow', { ...first, runMs: 50 });
      await here.claim(anna, 'lost', first);
      await here.settle(anna, 'lost', 'first', 'unknown');
      await harness.elapse(100);
      const unknown = { kind: 'unknown', fingerprint: 'f-1' };
      expect(await there.claim(anna, 'slow', second)).toEqual(unknown);
      expect(await there.claim(anna, 'lost', second)).toEqual(unknown);
      // Late, but better than never.
      await here.settle(anna, 'slow', 'first', answer);
      expect(await there.claim(anna, 'slow', second)).toMatchObject({ kind: 'answered' });
    });

    it('forgets a key when its window is over, settled or not, and not later for being asked', async () => {
      await here.claim(anna, 'settled', first);
      await here.settle(anna, 'settled', 'first', answer);
      await here.claim(anna, 'running', first);
      await harness.elapse(harness.windowMs / 2);
      expect(await there.claim(anna, 'settled', second)).toMatchObject({ kind: 'answered' });
      await harness.elapse(harness.windowMs / 2 + 50);
      expect(await there.claim(anna, 'settled', second)).toEqual({ kind: 'claimed' });
      expect(await there.claim(anna, 'running', second)).toEqual({ kind: 'claimed' });
    });

    it('has room for so many keys of a user, forgets none of them, and says when there is more', async () => {
      for (let index = 0; index < harness.maxKeys; index += 1) await here.claim(anna, `key-${index}`, first);
      const full = await there.claim(anna, 'one more', first);
      expect(full).toMatchObject({ kind: 'full' });
      expect(full.kind === 'full' && full.leftMs > 0 && full.leftMs <= harness.windowMs).toBe(true);
      expect(await there.claim(bela, 'one more', first)).toEqual({ kind: 'claimed' });
      expect(await there.claim(anna, 'key-0', first)).toMatchObject({ kind: 'running' });
      await here.release(anna, 'key-1', 'first');
      expect(await there.claim(anna, 'one more', first)).toEqual({ kind: 'claimed' });
      await harness.elapse(harness.windowMs + 50);
      expect(await there.claim(anna, 'after all', first)).toEqual({ kind: 'claimed' });
    });
  });
}
