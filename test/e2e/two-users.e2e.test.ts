import { eventually } from '@gw/kernel/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stack, startStack } from '../support/stack.js';

const APIS = ['workspace', 'statistics', 'provisioning'] as const;
const VOICE = '/workspace/v3/voice';

describe('two people in one process', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.close());

  it('share nothing: no notification, cookie or token crosses over, and neither is slowed down', async () => {
    const { control } = stack.simulator;
    const [anna, bela] = await Promise.all([stack.signIn('anna'), stack.signIn('bela')]);
    const [annasTab, belasTab] = [anna.openTab(), bela.openTab()];
    await Promise.all([annasTab.connected(...APIS), belasTab.connected(...APIS)]);

    const pace: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      const sent = performance.now();
      control.publish('anna', 'workspace', VOICE, { for: 'anna', n });
      control.publish('bela', 'workspace', VOICE, { for: 'bela', n });
      await eventually(() => expect(annasTab.dataOn(VOICE)).toHaveLength(n + 1));
      await eventually(() => expect(belasTab.dataOn(VOICE)).toHaveLength(n + 1));
      pace.push(performance.now() - sent);
    }
    // Polled every two seconds, twenty rounds would take twenty seconds and more.
    expect(pace.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(10_000);
    expect(annasTab.dataOn(VOICE).every((data) => (data as { for: string }).for === 'anna')).toBe(true);
    expect(belasTab.dataOn(VOICE).every((data) => (data as { for: string }).for === 'bela')).toBe(true);

    // The upstream takes each request for whose cookies and token it carries.
    for (const person of [anna, bela]) {
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => person.request('/api/workspace/v3/current-session')),
      );
      for (const answer of answers) {
        const { data } = answer.json() as { data: { user: { employeeId: string } } };
        expect(data.user.employeeId).toBe(person.userName);
      }
    }
    for (const user of ['anna', 'bela']) {
      for (const api of APIS) {
        expect(control.seen(user).apis[api]).toMatchObject({
          handshakes: 1,
          sessions: 1,
          multipleClientsAdvised: false,
        });
      }
    }
  });

  it('cannot use each other’s cursors', async () => {
    const [anna, bela] = await Promise.all([stack.signIn('anna'), stack.signIn('bela')]);
    const annasTab = anna.openTab();
    await annasTab.ready();
    const belasTab = bela.openTab({ after: annasTab.cursor });
    expect(await belasTab.ready()).toMatchObject({
      recovered: false,
      user: { userName: expect.stringContaining('bela') as string },
    });
    await eventually(() => expect(belasTab.gaps).toHaveLength(3));
    expect(belasTab.gaps.map(({ reason }) => reason)).toEqual(['epoch', 'epoch', 'epoch']);
  });
});
