import { asApiName, asInstanceId, asUserId } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BoardListener, type ConnectionReport } from '../board.js';
import { type ClusterHarness, type Member, type OpenCluster } from './cluster-harness.js';

const anna = asUserId('anna');
const voice = asApiName('workspace');
const statistics = asApiName('statistics');
const connected: ConnectionReport = {
  state: 'connected',
  channels: { '/voice': 7 },
  refused: ['/x'],
  session: 's',
};

/** What every Board promises; `open` gives an empty cluster. */
export function boardContract(name: string, open: OpenCluster): void {
  describe(`Board (${name})`, () => {
    let cluster: ClusterHarness;
    let one: Member;
    let two: Member;

    beforeEach(async () => {
      cluster = await open();
      [one, two] = [await cluster.join(), await cluster.join()];
    });
    afterEach(() => cluster.close());

    const wishesOf = async (at: Member) => {
      const view = await at.board.read(anna);
      return [...(view.get(voice)?.wishes ?? [])].toSorted();
    };
    const listening = (how: Partial<BoardListener> = {}): BoardListener => ({
      changed: () => {},
      publish: () => undefined,
      ...how,
    });

    it('is empty of a user of whom nobody said anything', async () => {
      expect([...(await one.board.read(anna))]).toEqual([]);
    });

    it('shows at every instance what the clients of each want', async () => {
      const [self, other] = [one.instances.self, two.instances.self];
      await one.board.wish(anna, voice, ['/a', '/b']);
      const view = await two.board.wish(anna, voice, ['/c']);
      const expected = [
        [self, ['/a', '/b']],
        [other, ['/c']],
      ].toSorted();
      expect([...(view.get(voice)?.wishes ?? [])].toSorted()).toEqual(expected);
      expect(await wishesOf(one)).toEqual(expected);
      await one.board.wish(anna, voice, ['/b']);
      expect(await wishesOf(two)).toContainEqual([self, ['/b']]);
      await one.board.wish(anna, voice, []);
      expect(await wishesOf(two)).toEqual([[other, ['/c']]]);
    });

    it('keeps APIs and users apart', async () => {
      await one.board.wish(anna, voice, ['/a']);
      await one.board.wish(anna, statistics, ['/s']);
      await one.board.wish(asUserId('ben'), voice, ['/b']);
      const view = await two.board.read(anna);
      expect([...view.keys()].toSorted()).toEqual([statistics, voice]);
      expect([...(view.get(voice)?.wishes.values() ?? [])]).toEqual([['/a']]);
    });

    it('shows what the owner reports, with its lease, and takes no report of a former owner', async () => {
      const { lease } = await one.leases.seize(anna, voice);
      expect(await one.board.report(anna, voice, lease, connected)).toBe(true);
      expect((await two.board.read(anna)).get(voice)).toMatchObject({ lease, report: connected });
      const next = await two.leases.seize(anna, voice);
      const late = { ...connected, state: 'interrupted' as const, reason: 'late' };
      expect(await one.board.report(anna, voice, lease, late)).toBe(false);
      expect((await one.board.read(anna)).get(voice)).toMatchObject({ lease: next.lease, report: connected });
      expect(await two.board.report(anna, voice, next.lease, undefined)).toBe(true);
      expect((await one.board.read(anna)).get(voice)?.report).toBeUndefined();
    });

    it('tells who listens of each kind of change, until they stop', async () => {
      let told = 0;
      const stop = await two.board.listen(anna, listening({ changed: () => (told += 1) }));
      const change = async (act: () => Promise<unknown>) => {
        const before = told;
        await act();
        await eventually(() => expect(told).toBeGreaterThan(before));
      };
      await change(() => one.board.wish(anna, voice, ['/a']));
      const { lease } = await one.leases.seize(anna, voice);
      await change(() => one.board.report(anna, voice, lease, connected));
      await change(() => one.leases.release(anna, voice, lease, 'keep'));
      await change(() => one.leases.claim(anna, voice));
      await change(() => two.board.withdraw(anna, one.instances.self));
      stop();
      await new Promise((resolve) => setTimeout(resolve, 50));
      const before = told;
      await one.board.wish(anna, voice, ['/b']);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(told).toBe(before);
    });

    it('takes away what a dead instance wanted, and leaves the others’', async () => {
      await one.board.wish(anna, voice, ['/a']);
      await one.board.wish(anna, statistics, ['/s']);
      await two.board.wish(anna, voice, ['/b']);
      await two.board.withdraw(anna, one.instances.self);
      expect(await wishesOf(two)).toEqual([[two.instances.self, ['/b']]]);
      expect((await two.board.read(anna)).get(statistics)?.wishes.size ?? 0).toBe(0);
    });

    it('has the owner publish, and says whether it did', async () => {
      const published: unknown[] = [];
      await one.board.listen(anna, listening());
      await two.board.listen(
        anna,
        listening({
          publish: (api, channel, data) => {
            published.push([api, channel, data]);
            return Promise.resolve(channel !== '/refused');
          },
        }),
      );
      expect(await one.board.publish(anna, voice, '/service/a', { deep: [1, 'ü'] })).toBe(true);
      expect(await one.board.publish(anna, voice, '/refused', 1)).toBe(false);
      expect(published).toEqual([
        [voice, '/service/a', { deep: [1, 'ü'] }],
        [voice, '/refused', 1],
      ]);
    });

    it('gives each user that a dead instance had to one survivor', async () => {
      const users = Array.from({ length: 25 }, (_, index) => asUserId(`user-${index}`));
      for (const user of users) await one.board.wish(user, voice, ['/a']);
      const owned = asUserId('owned');
      await one.leases.claim(owned, voice);
      const left = asUserId('left');
      await one.board.wish(left, voice, ['/a']);
      await one.board.wish(left, voice, []);
      await one.die();
      const three = await cluster.join();
      const { self } = one.instances;
      await eventually(() => expect(two.instances.isAlive(self)).toBe(false));
      const inherited: string[] = [];
      for (let batch = 0; batch < 20; batch += 1) {
        inherited.push(...(await two.board.inherit(self, 3)), ...(await three.board.inherit(self, 3)));
      }
      expect(inherited.toSorted()).toEqual([...users, owned].toSorted());
      expect(await two.board.inherit(asInstanceId('nobody'), 3)).toEqual([]);
    });
  });
}
