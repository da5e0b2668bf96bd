import { eventually } from '@gw/kernel/testing';
import { describe, expect, it } from 'vitest';
import { ListeningAgent } from '../testing/listening-agent.js';
import { simulators } from '../testing/simulator.js';

const start = simulators();

describe('a call between two agents', () => {
  it('is dialled, rings, is answered, held, retrieved, released and completed, as each side sees it', async () => {
    const simulator = await start();
    const [anna, bela] = [
      await ListeningAgent.at(simulator, 'anna'),
      await ListeningAgent.at(simulator, 'bela'),
    ];
    await anna.activate({ autoCompleteCall: false });

    const reply = await anna.command('voice/make-call', { destination: '5002' }, 'op-1');
    expect(reply.json).toEqual({ status: { code: 1 }, operationId: 'op-1' });
    const dialing = await anna.call('Dialing');
    expect(dialing).toMatchObject({
      operationId: 'op-1',
      notificationType: 'StateChange',
      call: { callType: 'Internal', ani: '5001', dnis: '5002', phoneNumber: '5002' },
    });
    expect(dialing.call).toMatchObject({ participants: [{ number: '5002', role: 'RoleDestination' }] });
    const ringing = await bela.call('Ringing');
    expect(ringing.operationId).toBeUndefined();
    expect(ringing.call).toMatchObject({
      id: dialing.call.id,
      connId: dialing.call.id,
      participants: [{ number: '5001', role: 'RoleOrigination' }],
    });
    expect(ringing.call.capabilities).toContain('answer');

    const id = dialing.call.id;
    await bela.command(`voice/calls/${id}/answer`, undefined, 'op-2');
    expect(await bela.call('Established')).toMatchObject({ operationId: 'op-2' });
    expect((await anna.call('Established')).operationId).toBeUndefined();
    await anna.command(`voice/calls/${id}/hold`);
    expect((await anna.call('Held')).call.capabilities).toContain('retrieve');
    await anna.command(`voice/calls/${id}/retrieve`);
    await anna.call('Established');
    await bela.command(`voice/calls/${id}/release`, undefined, 'op-3');
    await bela.call('Completed');
    const released = await anna.call('Released');
    expect(released.operationId).toBeUndefined();
    expect(released.call.capabilities).toContain('complete');
    await anna.command(`voice/calls/${id}/complete`, { userData: [] });
    await anna.call('Completed');
    expect(bela.calls.map(({ operationId }) => operationId)).toEqual([undefined, 'op-2', 'op-3', undefined]);
    expect(bela.callStates).toEqual(['Ringing', 'Established', 'Released', 'Completed']);
    await Promise.all([anna.leave(), bela.leave()]);
  });

  it('carries attached data to both', async () => {
    const simulator = await start();
    const [anna, bela] = [
      await ListeningAgent.at(simulator, 'anna'),
      await ListeningAgent.at(simulator, 'bela'),
    ];
    await anna.command('voice/make-call', { destination: '5002' });
    const { call } = await bela.call('Ringing');
    const pair = { key: 'k', type: 'str', value: 'grün' };
    await anna.command(`voice/calls/${call.id}/attach-user-data`, { userData: [pair] });
    for (const agent of [anna, bela]) {
      await eventually(() =>
        expect(agent.calls.at(-1)).toMatchObject({
          notificationType: 'AttachedDataChanged',
          call: { userData: [pair] },
        }),
      );
    }
    await Promise.all([anna.leave(), bela.leave()]);
  });

  it('is in the current session while it lasts', async () => {
    const simulator = await start();
    const anna = await ListeningAgent.at(simulator, 'anna');
    await anna.command('voice/make-call', { destination: '5002' });
    const { call } = await anna.call('Dialing');
    expect((await anna.http.get('/workspace/v3/current-session')).json).toMatchObject({
      data: { user: { activeSession: { calls: [{ id: call.id, state: 'Dialing' }] } } },
    });
    expect((await anna.http.get('/workspace/v3/voice/calls')).json).toMatchObject({
      data: { calls: [{ id: call.id }] },
    });
    await anna.leave();
  });
});

describe('a call to the outside', () => {
  it.each(['+15551234567', '5551234'])(
    'to %s is established by itself, and completes by itself',
    async (destination) => {
      const simulator = await start();
      const anna = await ListeningAgent.at(simulator, 'anna');
      await anna.command('voice/make-call', { destination });
      const { call } = await anna.call('Established');
      expect(call).toMatchObject({ callType: 'Outbound', phoneNumber: destination });
      simulator.control.hangUp(call.id);
      await anna.call('Completed');
      expect(anna.callStates).toEqual(['Dialing', 'Established', 'Released', 'Completed']);
      await anna.leave();
    },
  );
});

describe('an inbound call', () => {
  it('rings with its data, and ends when the caller hangs up', async () => {
    const simulator = await start();
    const anna = await ListeningAgent.at(simulator, 'anna');
    const userData = [{ key: 'segment', type: 'str', value: 'gold' }];
    const id = simulator.control.inboundCall({ to: 'anna', from: '+4930123456', userData });
    const { call } = await anna.call('Ringing');
    expect(call).toMatchObject({ id, callType: 'Inbound', phoneNumber: '+4930123456', userData });
    await anna.command(`voice/calls/${id}/answer`);
    await anna.call('Established');
    expect(simulator.control.hangUp(id)).toBe(true);
    await anna.call('Completed');
    expect(simulator.control.hangUp(id)).toBe(false);
    await anna.leave();
  });
});

describe('a voice command that cannot be done', () => {
  it.each([
    ['make-call', { destination: '5999' }, 415],
    ['make-call', { destination: '5001' }, 415],
    ['calls/none/answer', {}, 56],
  ])('%s %o is accepted, and fails with an EventError %i', async (command, data, errorCode) => {
    const simulator = await start();
    const anna = await ListeningAgent.at(simulator, 'anna');
    const reply = await anna.command(`voice/${command}`, data, 'op-9');
    expect(reply.json).toMatchObject({ status: { code: 1 } });
    await eventually(() =>
      expect(anna.require('EventError')).toMatchObject({ error: { errorCode }, operationId: 'op-9' }),
    );
    await anna.leave();
  });

  it('answering what one has dialled oneself is the wrong state', async () => {
    const simulator = await start();
    const anna = await ListeningAgent.at(simulator, 'anna');
    await anna.command('voice/make-call', { destination: '5002' });
    const { call } = await anna.call('Dialing');
    await anna.command(`voice/calls/${call.id}/answer`);
    await eventually(() => expect(anna.require('EventError')).toMatchObject({ error: { errorCode: 1161 } }));
    await anna.leave();
  });
});

describe('a platform that keeps operation ids to itself', () => {
  it('repeats them in replies, and in no notification, errors included', async () => {
    const simulator = await start();
    simulator.control.setOperationIdsEchoed(false);
    const anna = await ListeningAgent.at(simulator, 'anna');
    const reply = await anna.command('voice/make-call', { destination: '5002' }, 'op-1');
    expect(reply.json).toMatchObject({ operationId: 'op-1' });
    expect(await anna.call('Dialing')).not.toHaveProperty('operationId');
    await anna.command('voice/calls/none/answer', {}, 'op-2');
    await eventually(() => expect(anna.require('EventError')).not.toHaveProperty('operationId'));
    await anna.leave();
  });
});

describe('the race of reply and notification', () => {
  it('is won by the notification when asked for', async () => {
    const simulator = await start({ eventBeforeReply: true, eventDelayMs: 200 });
    const anna = await ListeningAgent.at(simulator, 'anna');
    const order: string[] = [];
    const reply = anna.command('voice/make-call', { destination: '5002' }).then(() => order.push('reply'));
    await anna.call('Dialing').then(() => order.push('event'));
    await reply;
    expect(order).toEqual(['event', 'reply']);
    simulator.control.setEventBeforeReply(false);
    const { call } = await anna.call('Dialing');
    await anna.command(`voice/calls/${call.id}/release`);
    await anna.call('Completed');
    await anna.leave();
  });
});
