import { eventually } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ClusterHarness, type Member, type OpenCluster } from './cluster-harness.js';

const LONG_MS = 20_000;

/** What every Locks promises; `open` gives an empty cluster. */
export function locksContract(name: string, open: OpenCluster): void {
  describe(`Locks (${name})`, () => {
    let cluster: ClusterHarness;
    let one: Member;
    let two: Member;

    beforeEach(async () => {
      cluster = await open();
      [one, two] = [await cluster.join(), await cluster.join()];
    });
    afterEach(() => cluster.close());

    function held(by: Member, lock = 'a') {
      let release = () => {};
      const until = new Promise<void>((resolve) => (release = resolve));
      let begun = () => {};
      const running = new Promise<void>((resolve) => (begun = resolve));
      const done = by.locks.run(lock, LONG_MS, () => {
        begun();
        return until;
      });
      return { running, release, done };
    }

    it('let one task run at a time, at whatever instance, and all in the end', async () => {
      let running = 0;
      let most = 0;
      const task = async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running -= 1;
        return 'value';
      };
      const outcomes = await Promise.all(
        [one, two, one, two, one, two].map((by) => by.locks.run('a', LONG_MS, task)),
      );
      expect(outcomes).toEqual(outcomes.map(() => ({ kind: 'done', value: 'value' })));
      expect(most).toBe(1);
    });

    it('are free again after a task that failed', async () => {
      const failing = one.locks.run('a', LONG_MS, () => Promise.reject(new Error('failed')));
      await expect(failing).rejects.toThrow('failed');
      expect(await two.locks.run('a', LONG_MS, () => Promise.resolve(1))).toEqual({ kind: 'done', value: 1 });
    });

    it('are busy for one who waited in vain, whose task is not run', async () => {
      const holder = held(one);
      await holder.running;
      let ran = false;
      const outcome = await two.locks.run('a', 100, () => Promise.resolve((ran = true)));
      expect([outcome.kind, ran]).toEqual(['busy', false]);
      holder.release();
      await holder.done;
    });

    it('of different names are different locks', async () => {
      const holder = held(one, 'a');
      await holder.running;
      expect((await two.locks.run('b', 100, () => Promise.resolve())).kind).toBe('done');
      holder.release();
      await holder.done;
    });

    it('stay with a task that takes longer than they last by themselves', async () => {
      const holder = held(one);
      await holder.running;
      expect((await two.locks.run('a', 1_500, () => Promise.resolve())).kind).toBe('busy');
      holder.release();
      await holder.done;
      expect(await eventually(() => two.locks.run('a', LONG_MS, () => Promise.resolve(1)))).toMatchObject({
        value: 1,
      });
    });
  });
}
