import { type InstanceId } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ClusterHarness, type OpenCluster } from './cluster-harness.js';

/** What every Instances promises; `open` gives an empty cluster. */
export function instancesContract(name: string, open: OpenCluster): void {
  describe(`Instances (${name})`, () => {
    let cluster: ClusterHarness;

    beforeEach(async () => {
      cluster = await open();
    });
    afterEach(() => cluster.close());

    it('know one another while they live', async () => {
      const [one, two] = [await cluster.join(), await cluster.join()];
      await eventually(() => expect(one.instances.isAlive(two.instances.self)).toBe(true));
      expect(two.instances.isAlive(one.instances.self)).toBe(true);
      expect(one.instances.isAlive(one.instances.self)).toBe(true);
      expect(one.instances.self).not.toBe(two.instances.self);
      const both = [one.instances.self, two.instances.self].toSorted();
      expect(one.instances.alive().toSorted()).toEqual(both);
      expect(two.instances.alive().toSorted()).toEqual(both);
    });

    it('are told once of one that joined', async () => {
      const one = await cluster.join();
      let joined = 0;
      one.instances.onJoined(() => (joined += 1));
      await cluster.join();
      await eventually(() => expect(joined).toBe(1));
    });

    it('know who is about to leave, and count on the others', async () => {
      const [one, two, three] = [await cluster.join(), await cluster.join(), await cluster.join()];
      await eventually(() => {
        expect([one, two, three].map(({ instances }) => instances.successors())).toEqual([2, 2, 2]);
      });
      await three.instances.announceLeave();
      await eventually(() => {
        for (const { instances } of [one, two]) expect(instances.isLeaving(three.instances.self)).toBe(true);
      });
      expect(one.instances.isAlive(three.instances.self)).toBe(true);
      expect([one, two, three].map(({ instances }) => instances.successors())).toEqual([1, 1, 2]);
      expect(three.instances.isLeaving(three.instances.self)).toBe(true);
      expect(three.instances.isLeaving(one.instances.self)).toBe(false);
      await three.instances.close();
      await eventually(() => {
        for (const { instances } of [one, two]) {
          expect(instances.isAlive(three.instances.self)).toBe(false);
          expect(instances.isLeaving(three.instances.self)).toBe(false);
        }
      });
      expect([one, two].map(({ instances }) => instances.successors())).toEqual([1, 1]);
    });

    it.each(['died', 'left'])('are told once, each of them, of one that %s', async (how) => {
      const [one, two, three] = [await cluster.join(), await cluster.join(), await cluster.join()];
      const gone: InstanceId[] = [];
      await eventually(() => {
        for (const each of [one, two]) expect(each.instances.isAlive(three.instances.self)).toBe(true);
      });
      for (const each of [one, two]) each.instances.onGone((instance) => gone.push(instance));
      if (how === 'died') await three.die();
      else await three.instances.close();
      await eventually(() => expect(gone).toHaveLength(2));
      expect(new Set(gone)).toEqual(new Set([three.instances.self]));
      expect(one.instances.isAlive(three.instances.self)).toBe(false);
      expect(one.instances.isAlive(two.instances.self)).toBe(true);
    });
  });
}
