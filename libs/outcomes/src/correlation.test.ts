import { engageProfile } from '@gw/upstream';
import { describe, expect, it } from 'vitest';
import { ruleFor } from './command-rules.js';
import { Correlation } from './correlation.js';

const [workspace, statistics, provisioning] = engageProfile.apis as [
  (typeof engageProfile.apis)[0],
  (typeof engageProfile.apis)[0],
  (typeof engageProfile.apis)[0],
];

const MAKE = '/voice/make-call';
const nobody = (_subject: unknown) => false;

function commandAt(path: string, api = workspace, id: string | undefined = 'op-1') {
  if (!api.outcomes) throw new Error('This API has outcomes');
  const correlation = new Correlation(api.outcomes, ruleFor(api, api.basePath + path), id);
  return (data: unknown, isTaken = nobody) => correlation.judge(data, isTaken);
}

const call = (id: string, state: string, operationId?: string, more: object = {}) => ({
  messageType: 'CallStateChanged',
  notificationType: 'StateChange',
  ...(operationId !== undefined && { operationId }),
  call: { id, state, ...more },
});
const eventError = (operationId?: string) => ({
  messageType: 'EventError',
  error: { errorCode: 415 },
  ...(operationId !== undefined && { operationId }),
});

describe('a call that is made', () => {
  it('is over when the call that it opened is established, told with its id or without', () => {
    for (const id of ['op-1', undefined]) {
      const judge = commandAt(MAKE);
      expect(judge(call('other', 'Established'))).toBeUndefined();
      expect(judge(call('c', 'Dialing', id))).toBeUndefined();
      expect(judge(call('other', 'Established'))).toBeUndefined();
      expect(judge(call('c', 'Established', id))).toBe('succeeded');
    }
  });

  it('has failed when that call is released before, by whomever', () => {
    const judge = commandAt(MAKE);
    judge(call('c', 'Dialing', 'op-1'));
    expect(judge(call('c', 'Released', 'op-2'))).toBe('failed');
  });

  it('does not take the call of another command for its own', () => {
    const judge = commandAt(MAKE);
    expect(judge(call('c', 'Dialing', 'op-2'))).toBeUndefined();
    expect(judge(call('d', 'Dialing'), (subject) => subject === 'd')).toBeUndefined();
    expect(judge(call('c', 'Established'))).toBeUndefined();
    expect(judge(call('d', 'Established'))).toBeUndefined();
  });

  it('is not established by an incoming call that is answered meanwhile', () => {
    const judge = commandAt(MAKE);
    expect(judge(call('in', 'Ringing'))).toBeUndefined();
    expect(judge(call('in', 'Established', 'op-2'))).toBeUndefined();
  });
});

describe('an error', () => {
  it('is that of the command whose id it has, and maybe anybody’s without one', () => {
    const judge = commandAt(MAKE);
    expect(judge(eventError('op-2'))).toBeUndefined();
    expect(judge(eventError())).toBe('failed-somebody');
    expect(judge(eventError('op-1'))).toBe('failed');
  });
});

describe('a command on a call', () => {
  it.each([
    ['hold', 'Held', 'Released'],
    ['retrieve', 'Established', 'Released'],
    ['answer', 'Established', 'Completed'],
    ['release', 'Released', undefined],
    ['complete', 'Completed', undefined],
  ])('%s leads to %s', (command, succeeded, failed) => {
    const judge = commandAt(`/voice/calls/c%201/${command}`);
    expect(judge(call('c', succeeded))).toBeUndefined();
    expect(judge(call('c 1', 'Ringing', 'op-1'))).toBeUndefined();
    if (failed !== undefined) {
      expect(commandAt(`/voice/calls/c%201/${command}`)(call('c 1', failed))).toBe('failed');
    }
    expect(judge(call('c 1', succeeded, 'op-2'))).toBeUndefined();
    expect(judge(call('c 1', succeeded))).toBe('succeeded');
  });

  it('that changes data is told by the kind of change, not by the state', () => {
    const judge = commandAt('/voice/calls/c/attach-user-data');
    expect(judge(call('c', 'Established'))).toBeUndefined();
    const changed = { ...call('c', 'Established'), notificationType: 'AttachedDataChanged' };
    expect(judge({ ...changed, operationId: 'op-2' })).toBeUndefined();
    expect(judge(changed)).toBe('succeeded');
  });

  it('without a rule is settled by the first notification with its id', () => {
    const judge = commandAt('/voice/calls/c/send-dtmf');
    expect(judge(call('c', 'Established'))).toBeUndefined();
    expect(judge(call('c', 'Established', 'op-1'))).toBe('succeeded');
  });
});

describe('what is no call', () => {
  const line = (dn: object) => ({ messageType: 'DnStateChanged', dn });
  it.each([
    ['/voice/ready', { agentState: 'NotReady' }, { agentState: 'Ready' }],
    ['/voice/dnd-off', { dnd: true }, { dnd: false }],
    ['/voice/cancel-forward', { forwardTo: '5002' }, { forwardTo: null }],
  ])('%s is told by the state of the line', (path, other, wanted) => {
    const judge = commandAt(path, workspace, undefined);
    expect(judge(line({}))).toBeUndefined();
    expect(judge(line(other))).toBeUndefined();
    expect(judge(line(wanted))).toBe('succeeded');
  });

  it('is a media channel, one of a list', () => {
    const judge = commandAt('/media/email/ready');
    const changed = (...channels: object[]) => ({ messageType: 'ChannelStateChanged', media: { channels } });
    expect(
      judge(changed({ name: 'chat', state: 'Ready' }, { name: 'email', state: 'NotReady' })),
    ).toBeUndefined();
    expect(judge(changed({ name: 'chat', state: 'NotReady' }, { name: 'email', state: 'Ready' }))).toBe(
      'succeeded',
    );
  });

  it('is the result of a provisioning operation', () => {
    const judge = commandAt('/operations/get-users', provisioning);
    const result = (id: string) => ({ channel: 'operations', data: { id, data: {} } });
    expect(judge(result('op-2'))).toBeUndefined();
    expect(judge(result('op-1'))).toBe('succeeded');
  });

  it('is a first value of a subscription, in either nesting', () => {
    const update = { statistics: [{ subscriptionId: 'other' }, { subscriptionId: 'op-1' }] };
    for (const data of [update, { data: update }]) {
      expect(commandAt('/subscriptions', statistics)(data)).toBe('succeeded');
    }
  });

  it('is whatever a server may send', () => {
    for (const data of [undefined, null, 5, 'text', [], {}, { messageType: {} }, { call: null }]) {
      expect(commandAt(MAKE)(data)).toBeUndefined();
      expect(commandAt('/media/chat/ready')(data)).toBeUndefined();
    }
  });
});
