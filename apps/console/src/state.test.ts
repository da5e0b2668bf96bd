import type { NotificationEvent, ReadyEvent, SessionUser } from '@gw/contract';
import { describe, expect, it } from 'vitest';
import type { Action } from './action.js';
import { type ConsoleState, initialState, MAX_PROBLEMS, needsRefetch } from './console-state.js';
import { visibleEntries } from './notification-log.js';
import { reduce } from './state.js';

const user: SessionUser = { id: 'u1', userName: 'jdoe', displayName: 'Jane Doe' };
const at = '2026-11-23T20:00:00.000Z';

const after = (...actions: Action[]): ConsoleState => actions.reduce(reduce, initialState);
const signedIn: Action = { type: 'signed-in', user };
const ready = (event: Partial<ReadyEvent> = {}): Action => ({
  type: 'ready',
  event: { user, cursor: 'e.5', recovered: false, apis: { workspace: { state: 'connected' } }, ...event },
});
const notification = (sequence: number, event: Partial<NotificationEvent> = {}): Action => ({
  type: 'notification',
  event: { cursor: `e.${sequence}`, api: 'workspace', channel: '/c', data: {}, receivedAt: at, ...event },
});
const eventError = {
  messageType: 'EventError',
  error: { errorCode: 415, errorMessage: 'Invalid Destination DN' },
};

describe('the cursor to resume after', () => {
  it('is the one of `ready` for a page without a past', () => {
    expect(after(signedIn, ready()).cursor).toBe('e.5');
  });

  it('stays the own one at `ready`, because what follows it has not arrived yet', () => {
    const resumed: Action = { type: 'signed-in', user, after: 'e.2' };
    expect(after(resumed, ready({ recovered: true })).cursor).toBe('e.2');
  });

  it('follows each notification and each gap', () => {
    expect(after(signedIn, ready(), notification(6)).cursor).toBe('e.6');
    const gap: Action = { type: 'gap', event: { api: 'workspace', reason: 'epoch', cursor: 'f.1' }, at };
    expect(after(signedIn, ready(), notification(6), gap).cursor).toBe('f.1');
  });
});

describe('a repeated notification', () => {
  it('changes nothing', () => {
    const once = after(signedIn, ready(), notification(6));
    expect(reduce(once, notification(6))).toBe(once);
  });

  it('is known also when it was the last one before a reload', () => {
    const resumed = after({ type: 'signed-in', user, after: 'e.6' }, notification(6), notification(7));
    expect(visibleEntries(resumed.log).map((entry) => entry.event.cursor)).toEqual(['e.7']);
  });
});

describe('the workspace is fetched anew', () => {
  const fetched: Action = { type: 'refetch-started' };

  it('when the page has just connected, once', () => {
    expect(needsRefetch(after(signedIn, ready()))).toBe(true);
    expect(needsRefetch(after(signedIn, ready(), fetched))).toBe(false);
  });

  it('only when the API is connected', () => {
    const connecting = after(signedIn, ready({ apis: { workspace: { state: 'connecting' } } }));
    expect(needsRefetch(connecting)).toBe(false);
    const connected: Action = { type: 'upstream', event: { api: 'workspace', state: 'connected' } };
    expect(needsRefetch(reduce(connecting, connected))).toBe(true);
  });

  it('after a gap of its own, not of another API', () => {
    const gap = (api: string): Action => ({
      type: 'gap',
      event: { api, reason: 'upstream', cursor: 'e.7' },
      at,
    });
    expect(needsRefetch(after(signedIn, ready(), fetched, gap('statistics')))).toBe(false);
    expect(needsRefetch(after(signedIn, ready(), fetched, gap('workspace')))).toBe(true);
  });

  it('after a reconnection that recovered not everything', () => {
    expect(needsRefetch(after(signedIn, ready(), fetched, ready({ recovered: true })))).toBe(false);
    expect(needsRefetch(after(signedIn, ready(), fetched, ready({ recovered: false })))).toBe(true);
  });
});

describe('a socket that is away', () => {
  it('leaves the API states unknown', () => {
    const away = after(signedIn, ready(), { type: 'socket', state: 'connecting' });
    expect(away.apis).toEqual({ workspace: { state: 'unknown' } });
  });

  it('keeps them while the instance still delivers before it leaves', () => {
    const moving = after(signedIn, ready(), { type: 'socket', state: 'moving' });
    expect(moving.apis).toEqual({ workspace: { state: 'connected' } });
  });
});

describe('a session', () => {
  it('that ends takes everything of the person from the screen, and says why', () => {
    const ended: Action = { type: 'session', event: { state: 'ended', reason: 'revoked', at } };
    const notice = 'Your session was ended from another place.';
    expect(after(signedIn, ready(), notification(6), ended)).toEqual({
      ...initialState,
      session: { kind: 'signed-out', notice },
    });
  });

  it('keeps the first reason when the socket is refused afterwards', () => {
    const ended: Action = { type: 'session', event: { state: 'ended', reason: 'idle', at } };
    const state = after(signedIn, ended, { type: 'signed-out', notice: 'Please sign in again.' });
    expect(state.session).toEqual({
      kind: 'signed-out',
      notice: 'Your session ended because it was not used.',
    });
  });

  it.each([
    ['idle', undefined],
    ['expired', 'expired'],
  ] as const)('that ends soon (%s) is announced until a request moved the limit', (reason, remaining) => {
    const expiring: Action = { type: 'session', event: { state: 'expiring', reason, at } };
    const { session } = after(signedIn, expiring, { type: 'session-used' });
    expect(session.kind === 'signed-in' && session.expiring?.reason).toBe(remaining);
  });
});

describe('an EventError', () => {
  it('is shown as a problem', () => {
    const { problems } = after(signedIn, notification(6, { data: eventError }));
    expect(problems.map(({ text }) => text)).toEqual(['Invalid Destination DN (error 415)']);
  });

  it('of another API is only listed', () => {
    const state = after(signedIn, notification(6, { api: 'statistics', data: eventError }));
    expect(state.problems).toEqual([]);
    expect(visibleEntries(state.log)).toHaveLength(1);
  });
});

describe('problems', () => {
  it('are kept newest first, up to a limit, until dismissed', () => {
    const failures = ['a', 'b', 'c', 'd', 'e'].map((text): Action => ({ type: 'failed', text }));
    const state = after(...failures);
    expect(state.problems.map(({ text }) => text)).toEqual(['e', 'd', 'c', 'b']);
    expect(state.problems).toHaveLength(MAX_PROBLEMS);
    expect(reduce(state, { type: 'problem-dismissed', id: 4 }).problems[0]?.text).toBe('d');
  });
});
