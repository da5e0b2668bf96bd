import { asApiName, asUserId, type UserId } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CookieChange, type UpstreamStateStore } from '../upstream-state-store.js';

export interface UpstreamStatesHarness {
  /** Two instances with the same users. */
  readonly here: UpstreamStateStore;
  readonly there: UpstreamStateStore;
  readonly close: () => Promise<void>;
}

const anna = asUserId('anna');
const voice = asApiName('workspace');
const origin = 'https://gws.example.com';

/** What every UpstreamStateStore promises; `open` gives an empty one. */
export function upstreamStatesContract(name: string, open: () => Promise<UpstreamStatesHarness>): void {
  describe(`UpstreamStateStore (${name})`, () => {
    let harness: UpstreamStatesHarness;
    let here: UpstreamStateStore;
    let there: UpstreamStateStore;

    beforeEach(async () => {
      harness = await open();
      ({ here, there } = harness);
    });
    afterEach(() => harness.close());

    const cookie = (key: string, pair: string, at = origin): Required<CookieChange> => ({
      origin: at,
      key,
      cookie: { pair, path: '/', expiresAt: undefined },
    });
    const cookiesOf = async (user: UserId) =>
      (await there.load(user)).cookies
        .map(({ origin: at, key, cookie: kept }) => `${at} ${key} ${kept?.pair}`)
        .toSorted();

    it('knows nothing of a new user', async () => {
      const { generations, worthless, cookies } = await here.load(anna);
      expect([generations.size, worthless.size, cookies.length]).toEqual([0, 0, 0]);
    });

    it('gives back cookies, whatever is in them, also elsewhere', async () => {
      const set = { ...cookie('a;/', 'a=Grüße "x"; y'), origin };
      const timed = { origin, key: 'b;/x', cookie: { pair: 'b=1', path: '/x', expiresAt: 1_234 } };
      await here.keepCookies(anna, [set, timed]);
      const { cookies } = await there.load(anna);
      expect(cookies.toSorted((left, right) => left.key.localeCompare(right.key))).toEqual([set, timed]);
    });

    it('merges what several instances set and remove at the same time', async () => {
      await here.keepCookies(anna, [cookie('a;/', 'a=1'), cookie('b;/', 'b=1')]);
      await Promise.all([
        here.keepCookies(anna, [cookie('a;/', 'a=2')]),
        there.keepCookies(anna, [{ origin, key: 'b;/' }, cookie('c;/', 'c=1')]),
        there.keepCookies(anna, [cookie('a;/', 'a=3', 'https://other.example.com')]),
      ]);
      expect(await cookiesOf(anna)).toEqual(
        [`${origin} a;/ a=2`, `${origin} c;/ c=1`, 'https://other.example.com a;/ a=3'].toSorted(),
      );
    });

    it('numbers the sessions of a user and an API, each once', async () => {
      const made = await Promise.all([here, there, here].map((store) => store.initialised(anna, voice)));
      expect(made.toSorted()).toEqual([1, 2, 3]);
      expect(await here.initialised(asUserId('ben'), voice)).toBe(1);
      expect(await here.initialised(anna, asApiName('provisioning'))).toBe(1);
      expect((await there.load(anna)).generations.get(voice)).toBe(3);
    });

    it('remembers a worthless session until there is another', async () => {
      await here.initialised(anna, voice);
      await here.worthless(anna, voice, 1);
      expect((await there.load(anna)).worthless.get(voice)).toBe(1);
      await there.initialised(anna, voice);
      expect((await here.load(anna)).worthless.size).toBe(0);
    });

    it('removes all of a user, and of no other', async () => {
      const ben = asUserId('ben');
      for (const user of [anna, ben]) {
        await here.initialised(user, voice);
        await here.keepCookies(user, [cookie('a;/', 'a=1')]);
      }
      await there.remove(anna);
      const { generations, cookies } = await here.load(anna);
      expect([generations.size, cookies.length]).toEqual([0, 0]);
      expect((await here.load(ben)).cookies).toHaveLength(1);
    });

    it('tells the other instances of each change, and not the one that made it', async () => {
      const told: string[] = [];
      const stops = [
        here.listen({ changed: () => told.push('here'), missed: () => {} }),
        there.listen({ changed: (user) => told.push(`there ${user}`), missed: () => {} }),
      ];
      await eventually(async () => {
        await here.keepCookies(anna, [cookie('probe;/', 'p=1')]);
        expect(told).toContain('there anna');
      });
      told.length = 0;
      const changes = [
        () => here.keepCookies(anna, [cookie('a;/', 'a=1')]),
        () => here.initialised(anna, voice),
        () => here.worthless(anna, voice, 1),
        () => here.remove(anna),
      ];
      for (const [index, change] of changes.entries()) {
        await change();
        await eventually(() => expect(told.length).toBeGreaterThan(index));
      }
      expect(new Set(told)).toEqual(new Set(['there anna']));
      for (const stop of stops) stop();
    });
  });
}
