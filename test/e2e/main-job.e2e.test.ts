import { eventually } from '@gw/kernel/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStack, type Stack } from '../support/stack.js';

const VOICE = '/workspace/v3/voice';
const APIS = ['workspace', 'statistics', 'provisioning'] as const;

interface CallEvent {
  readonly messageType: string;
  readonly call: { readonly id: string; readonly state: string };
}

const callsOf = (data: readonly unknown[]): CallEvent[] =>
  (data as CallEvent[]).filter(({ messageType }) => messageType === 'CallStateChanged');

describe('the main job, by a script', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.close());

  it('signs two people in, and lets one call the other and watch it happen live', async () => {
    const [anna, bela] = [await stack.signIn('anna'), await stack.signIn('bela')];
    const [annasTab, belasTab] = [anna.openTab(), bela.openTab()];
    await annasTab.connected(...APIS);
    await belasTab.connected(...APIS);
    for (const [person, dn] of [
      [anna, '5001'],
      [bela, '5002'],
    ] as const) {
      const body = { data: { agentId: dn, placeName: `Place_${person.userName}`, channels: ['voice'] } };
      expect((await person.post('/api/workspace/v3/activate-channels', body)).json()).toMatchObject({
        status: { code: 0 },
      });
    }
    const states = (tab: typeof annasTab) => callsOf(tab.dataOn(VOICE)).map(({ call }) => call.state);

    const made = await anna.post('/api/workspace/v3/voice/make-call', { data: { destination: '5002' } });
    expect(made.json()).toMatchObject({ status: { code: 1 } });
    await eventually(() => expect(states(annasTab)).toEqual(['Dialing']));
    await eventually(() => expect(states(belasTab)).toEqual(['Ringing']));

    const belasCall = callsOf(belasTab.dataOn(VOICE))[0]!.call.id;
    await bela.post(`/api/workspace/v3/voice/calls/${belasCall}/answer`, {});
    await eventually(() => expect(states(annasTab)).toEqual(['Dialing', 'Established']));
    await eventually(() => expect(states(belasTab)).toEqual(['Ringing', 'Established']));

    const annasCall = callsOf(annasTab.dataOn(VOICE))[0]!.call.id;
    await anna.post(`/api/workspace/v3/voice/calls/${annasCall}/release`, {});
    await eventually(() => expect(states(annasTab)).toContain('Released'));
    await eventually(() => expect(states(belasTab)).toContain('Released'));
  });
});
