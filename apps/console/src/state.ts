import type {
  Cursor,
  GapEvent,
  NotificationEvent,
  ReadyEvent,
  SessionEvent,
  SessionUser,
  UpstreamEvent,
} from '@gw/contract';
import type { Action } from './action.js';
import {
  type ConsoleState,
  initialState,
  MAX_PROBLEMS,
  type SocketState,
  WORKSPACE,
} from './console-state.js';
import { resumedLog, withGap, withNotification, withOpen, withPause } from './notification-log.js';
import { describeSessionEnd } from './session-end.js';
import { parseWorkspaceMessage, type WorkspaceMessage } from './workspace-messages.js';
import { withCurrentSession, withMessage } from './workspace.js';

/** What was shown, what happened → what is shown. Pure: the controller acts on the result. */
export function reduce(state: ConsoleState, action: Action): ConsoleState {
  switch (action.type) {
    case 'signed-in':
      return signedIn(action.user, action.after);
    case 'signed-out':
      return signedOut(state, action.notice);
    case 'gateway-unreachable':
      return { ...initialState, session: { kind: 'unreachable' } };
    case 'socket':
      return onSocket(state, action.state);
    case 'ready':
      return onReady(state, action.event);
    case 'notification':
      return onNotification(state, action.event);
    case 'gap':
      return onGap(state, action.event, action.at);
    case 'upstream':
      return onUpstream(state, action.event);
    case 'session':
      return onSession(state, action.event);
    case 'session-used':
      return onSessionUsed(state);
    case 'refetch-started':
      return { ...state, workspace: { ...state.workspace, stale: false } };
    case 'refetched':
      return { ...state, workspace: withCurrentSession(state.workspace, action.session, action.asOf) };
    case 'command-started':
      return { ...state, running: [...state.running, action.command] };
    case 'command-settled':
      return { ...state, running: state.running.filter((command) => command !== action.command) };
    case 'failed':
      return withProblem(state, action.text);
    case 'problem-dismissed':
      return { ...state, problems: state.problems.filter(({ id }) => id !== action.id) };
    case 'call-dismissed':
      return withoutCall(state, action.id);
    case 'log-paused':
      return { ...state, log: withPause(state.log, action.paused) };
    case 'log-filtered':
      return { ...state, log: { ...state.log, api: action.api } };
    case 'payload-opened':
      return { ...state, log: withOpen(state.log, action.id) };
    case 'payload-closed':
      return { ...state, log: { ...state.log, open: undefined } };
  }
}

function signedIn(user: SessionUser, after: Cursor | undefined): ConsoleState {
  return { ...initialState, session: { kind: 'signed-in', user }, cursor: after, log: resumedLog(after) };
}

/** Nothing of the person stays on the screen. The first notice says why; what follows is its echo. */
function signedOut(state: ConsoleState, notice: string | undefined): ConsoleState {
  if (state.session.kind === 'signed-out') return state;
  return { ...initialState, session: { kind: 'signed-out', notice } };
}

function onSocket(state: ConsoleState, socket: SocketState): ConsoleState {
  if (state.session.kind !== 'signed-in') return state;
  if (socket === 'connected' || socket === 'moving') return { ...state, socket };
  const names = Object.keys(state.apis);
  const apis = Object.fromEntries(names.map((api) => [api, { state: 'unknown' as const }]));
  return { ...state, socket, apis };
}

/**
 * `ready.cursor` counts only where we have none: what follows our own has not arrived yet, and a
 * connection that breaks before it did must ask for it again.
 */
function onReady(state: ConsoleState, event: ReadyEvent): ConsoleState {
  return {
    ...state,
    socket: 'connected',
    apis: event.apis,
    cursor: state.cursor ?? event.cursor,
    workspace: { ...state.workspace, stale: state.workspace.stale || !event.recovered },
  };
}

function onNotification(state: ConsoleState, event: NotificationEvent): ConsoleState {
  if (state.log.seen.includes(event.cursor)) return state;
  const next = { ...state, cursor: event.cursor, log: withNotification(state.log, event) };
  const message = event.api === WORKSPACE ? parseWorkspaceMessage(event.data) : undefined;
  if (!message) return next;
  const failure = failureOf(message);
  const shown = { ...next, workspace: withMessage(next.workspace, message, event.receivedAt) };
  return failure === undefined ? shown : withProblem(shown, failure);
}

function failureOf(message: WorkspaceMessage): string | undefined {
  if (message.messageType === 'EventError') {
    const { errorMessage = 'Error', errorCode } = message.error;
    return errorCode === undefined ? errorMessage : `${errorMessage} (error ${errorCode})`;
  }
  const failed = message.messageType === 'WorkspaceInitializationComplete' && message.state === 'Failed';
  return failed ? 'The workspace could not be initialised' : undefined;
}

function onGap(state: ConsoleState, event: GapEvent, at: string): ConsoleState {
  const stale = state.workspace.stale || event.api === WORKSPACE;
  return {
    ...state,
    cursor: event.cursor,
    log: withGap(state.log, event, at),
    workspace: { ...state.workspace, stale },
  };
}

function onUpstream(state: ConsoleState, event: UpstreamEvent): ConsoleState {
  const { api, state: connection, reason } = event;
  return { ...state, apis: { ...state.apis, [api]: { state: connection, reason } } };
}

function onSession(state: ConsoleState, event: SessionEvent): ConsoleState {
  if (event.state === 'ended') return signedOut(state, describeSessionEnd(event.reason));
  if (state.session.kind !== 'signed-in') return state;
  return { ...state, session: { ...state.session, expiring: event } };
}

/** A request of a person moves the idle limit; no other limit moves. */
function onSessionUsed(state: ConsoleState): ConsoleState {
  if (state.session.kind !== 'signed-in' || state.session.expiring?.reason !== 'idle') return state;
  return { ...state, session: { ...state.session, expiring: undefined } };
}

function withProblem(state: ConsoleState, text: string): ConsoleState {
  const problem = { id: state.problemCount, text };
  const problems = [problem, ...state.problems].slice(0, MAX_PROBLEMS);
  return { ...state, problems, problemCount: state.problemCount + 1 };
}

function withoutCall(state: ConsoleState, id: string): ConsoleState {
  const calls = state.workspace.calls.filter((call) => call.id !== id);
  return { ...state, workspace: { ...state.workspace, calls } };
}
