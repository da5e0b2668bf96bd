import { describe, expect, it } from 'vitest';
import { MAX_CALLS } from './calls.js';
import { parseCurrentSession, parseWorkspaceMessage } from './workspace-messages.js';
import { allows, emptyWorkspace, withCurrentSession, withMessage, type Workspace } from './workspace.js';

const at = '2026-11-23T20:00:00.000Z';
const later = '2026-11-23T20:00:09.000Z';

function receive(workspace: Workspace, data: unknown, receivedAt = at): Workspace {
  const message = parseWorkspaceMessage(data);
  if (!message) throw new Error('Not a message that the console understands');
  return withMessage(workspace, message, receivedAt);
}
const call = (id: string, state: string, more: object = {}) => ({
  messageType: 'CallStateChanged',
  call: { id, state, phoneNumber: '5002', capabilities: ['release'], ...more },
});
const dn = (agentState: string, more: object = {}) => ({
  messageType: 'DnStateChanged',
  dn: { number: '5001', agentState, ...more },
});
const refetch = (
  workspace: Workspace,
  activeSession: object | null,
  asOf = workspace.revision,
): Workspace => {
  const user = { userName: 'jdoe', agentLogin: '5001', defaultPlace: 'Place_jdoe', activeSession };
  const session = parseCurrentSession({ status: { code: 0 }, data: { user } });
  if (!session) throw new Error('Not a current session');
  return withCurrentSession(workspace, session, asOf);
};
const states = (workspace: Workspace) => workspace.calls.map(({ id, state }) => [id, state]);

describe('a call', () => {
  it('changes its state in place, and is announced', () => {
    const dialing = receive(receive(emptyWorkspace, call('a', 'Dialing')), call('b', 'Ringing'));
    const established = receive(dialing, call('a', 'Established'));
    expect(states(established)).toEqual([
      ['b', 'Ringing'],
      ['a', 'Established'],
    ]);
    expect(established.announcement).toBe('Call with 5002: Established');
  });

  it('takes a new id after a transfer', () => {
    const consult = receive(emptyWorkspace, call('consult', 'Established'));
    const merged = receive(consult, call('main', 'Established', { previousConnId: 'consult' }));
    expect(states(merged)).toEqual([['main', 'Established']]);
  });

  it('tells since when it is in its state, whatever else changes', () => {
    const established = receive(emptyWorkspace, call('a', 'Established'));
    const attached = receive(established, call('a', 'Established', { capabilities: [] }), later);
    expect(attached.calls[0]?.since).toBe(at);
    expect(receive(attached, call('a', 'Held'), later).calls[0]?.since).toBe(later);
  });

  it('names its participants, without observers, or else the number', () => {
    const participants = [{ number: '5003' }, { number: '5004', role: 'RoleObserver' }, { number: '5005' }];
    const conference = receive(emptyWorkspace, call('a', 'Established', { participants }));
    expect(conference.calls[0]?.otherParty).toBe('5003, 5005');
    const withoutNumbers = receive(emptyWorkspace, call('a', 'Established', { participants: null }));
    expect(withoutNumbers.calls[0]?.otherParty).toBe('5002');
  });

  it('gives way to a new one when there are too many: an ended one before a live one', () => {
    let workspace = receive(receive(emptyWorkspace, call('oldest', 'Held')), call('ended', 'Released'));
    for (let n = 0; n < MAX_CALLS - 1; n++) workspace = receive(workspace, call(`c${n}`, 'Held'));
    expect(workspace.calls).toHaveLength(MAX_CALLS);
    expect(workspace.calls.map(({ id }) => id)).not.toContain('ended');
    expect(workspace.calls.at(-1)?.id).toBe('oldest');
  });
});

describe('an agent', () => {
  it('has a state, and the reason for it', () => {
    const reasons = [{ key: 'ReasonCode', type: 'str', value: 'Lunch' }];
    const { agent } = receive(emptyWorkspace, dn('NotReady', { reasons, agentWorkMode: 'Unknown' }));
    expect(agent).toMatchObject({ state: 'NotReady', reason: 'Lunch', workMode: undefined });
  });

  it.each([
    ['no agent', undefined, false],
    ['a listed command', { state: 'NotReady', capabilities: ['ready'] }, true],
    ['a command that is not listed', { state: 'NotReady', capabilities: [] }, false],
    ['an active agent without a list', { state: 'NotReady' }, true],
    ['a logged-out agent without a list', { state: 'LoggedOut' }, false],
  ])('may be made ready or not: %s', (_case, agent, allowed) => {
    expect(allows(agent, 'ready')).toBe(allowed);
  });
});

describe('activation', () => {
  it('is known from the completed initialisation, which asks for a refetch', () => {
    const user = { employeeId: 'jdoe', defaultPlace: 'Place_jdoe' };
    const complete = { messageType: 'WorkspaceInitializationComplete', state: 'Complete', data: { user } };
    const workspace = receive({ ...emptyWorkspace, stale: false }, complete);
    expect(workspace.activation).toEqual({ agentId: 'jdoe', placeName: 'Place_jdoe' });
    expect(workspace.stale).toBe(true);
  });

  it('is known from the current session, at the place where the agent is', () => {
    expect(refetch(emptyWorkspace, null).activation).toEqual({ agentId: '5001', placeName: 'Place_jdoe' });
    expect(refetch(emptyWorkspace, { currentPlace: 'Desk 7' }).activation?.placeName).toBe('Desk 7');
  });
});

describe('a refetch', () => {
  const known = receive(receive(emptyWorkspace, dn('Ready')), call('gone', 'Established'));

  it('replaces what is shown', () => {
    const fetched = refetch(known, { dn: { agentState: 'NotReady' }, calls: [call('new', 'Held').call] });
    expect(fetched.agent?.state).toBe('NotReady');
    expect(states(fetched)).toEqual([['new', 'Held']]);
  });

  it('does not undo what a notification told while it was under way', () => {
    const newer = receive(receive(known, dn('NotReady')), call('new', 'Established'));
    const fetched = refetch(
      newer,
      { dn: { agentState: 'Ready' }, calls: [call('new', 'Dialing').call] },
      known.revision,
    );
    expect(fetched.agent?.state).toBe('NotReady');
    expect(states(fetched)).toEqual([['new', 'Established']]);
  });

  it('leaves no agent when there is no active session', () => {
    expect(refetch(known, null).agent).toBeUndefined();
  });

  it('keeps completed calls, which no current session lists', () => {
    const completed = receive(known, call('gone', 'Completed'));
    expect(states(refetch(completed, { calls: [] }))).toEqual([['gone', 'Completed']]);
  });
});

describe('a message', () => {
  it.each([
    ['of an unknown type', { messageType: 'SomethingNew' }],
    ['without a type', { data: 1 }],
    ['that is no object', 'text'],
    ['that misses the call', { messageType: 'CallStateChanged' }],
    ['with a call without an id', { messageType: 'CallStateChanged', call: { state: 'Held' } }],
  ])('%s is not understood, and does no harm', (_case, data) => {
    expect(parseWorkspaceMessage(data)).toBeUndefined();
  });
});
