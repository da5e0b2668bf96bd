import { asApiName, asUserId } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Claim } from '../leases.js';
import { type ClusterHarness, type Member, type OpenCluster } from './cluster-harness.js';

const anna = asUserId('anna');
const voice = asApiName('workspace');
const statistics = asApiName('statistics');

/** What every Leases promises; `open` gives an empty cluster. */
export function leasesContract(name: string, open: OpenCluster): void {
  describe(`Leases (${name})`, () => {
    let cluster: ClusterHarness;
    let one: Member;
    let two: Member;

    beforeEach(async () => {
      cluster = await open();
      [one, two] = [await cluster.join(), await cluster.join()];
    });
    afterEach(() => cluster.close());

    async function granted(by: Member) {
      const claim = await by.leases.claim(anna, voice);
      if (claim.kind !== 'granted') throw new Error('the lease is held');
      return claim;
    }

    it('are granted to one of many who claim at the same time', async () => {
      const claims = await Promise.all([one, two, one, two, two].map((by) => by.leases.claim(anna, voice)));
      const isGranted = ({ kind }: Claim) => kind === 'granted';
      expect(claims.filter(isGranted)).toHaveLength(1);
      expect(new Set(claims.map(({ lease }) => `${lease.holder} ${lease.fencing}`)).size).toBe(1);
    });

    it('are for one user and one API each', async () => {
      await granted(one);
      expect((await two.leases.claim(anna, statistics)).kind).toBe('granted');
      expect((await two.leases.claim(asUserId('ben'), voice)).kind).toBe('granted');
      expect((await two.leases.claim(anna, voice)).kind).toBe('held');
      expect(await one.leases.claim(anna, voice)).toMatchObject({
        kind: 'held',
        lease: { holder: one.instances.self },
      });
    });

    it('pass to another, with what was saved, when their holder has died', async () => {
      const { lease } = await granted(one);
      expect(await one.leases.save(anna, voice, lease, { state: 'as I left it', mark: '7' })).toBe(true);
      await one.die();
      const claim = await eventually(() => granted(two));
      expect(claim.saved).toEqual({ state: 'as I left it', mark: '7' });
      expect(claim.lease.fencing).toBeGreaterThan(lease.fencing);
    });

    it('that have passed on are refused to the one who held them before, in everything', async () => {
      const { lease } = await granted(one);
      await one.leases.save(anna, voice, lease, { state: 'mine' });
      const taken = await two.leases.seize(anna, voice);
      expect(taken.saved).toEqual({ state: 'mine' });
      expect(await one.leases.confirm(anna, voice, lease)).toBe(false);
      expect(await one.leases.save(anna, voice, lease, { state: 'late' })).toBe(false);
      await one.leases.release(anna, voice, lease, 'forget');
      expect(await two.leases.confirm(anna, voice, taken.lease)).toBe(true);
      expect((await one.leases.seize(anna, voice)).saved).toEqual({ state: 'mine' });
    });

    it('are free after they were given back, with or without what was saved', async () => {
      const { lease } = await granted(one);
      await one.leases.save(anna, voice, lease, { state: 'for you', mark: '7' });
      await one.leases.release(anna, voice, lease, 'keep');
      const next = await granted(two);
      expect(next.saved).toEqual({ state: 'for you', mark: '7' });
      await two.leases.release(anna, voice, next.lease, 'forget');
      const last = await granted(one);
      expect(last.saved).toBeUndefined();
      expect([next.lease.fencing, last.lease.fencing]).toEqual(
        [next.lease.fencing, last.lease.fencing].toSorted((left, right) => left - right),
      );
      expect(last.lease.fencing).not.toBe(next.lease.fencing);
      expect(next.lease.fencing).toBeGreaterThan(lease.fencing);
    });

    it('taken again by their holder are others than before', async () => {
      const { lease } = await granted(one);
      const again = await one.leases.seize(anna, voice);
      expect(await one.leases.confirm(anna, voice, lease)).toBe(false);
      expect(await one.leases.confirm(anna, voice, again.lease)).toBe(true);
    });
  });
}
