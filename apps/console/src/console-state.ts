import type { ConnectionState, Cursor, SessionEvent, SessionUser } from '@gw/contract';
import { emptyLog, type NotificationLog } from './notification-log.js';
import { emptyWorkspace, type Workspace } from './workspace.js';

export type Session =
  | { kind: 'checking' }
  | { kind: 'unreachable' }
  | { kind: 'signed-out'; notice?: string | undefined }
  | { kind: 'signed-in'; user: SessionUser; expiring?: SessionEvent | undefined };

/** `connected` only once the gateway has said `ready`. */
export type SocketState = 'connecting' | 'connected' | 'moving' | 'disconnected';

/** `unknown` while no socket tells us. */
type ApiState = ConnectionState | 'unknown';

export interface Problem {
  id: number;
  text: string;
}

export interface ConsoleState {
  session: Session;
  socket: SocketState;
  apis: Readonly<Record<string, { state: ApiState; reason?: string | undefined }>>;
  /** The last position processed; the socket resumes after it. */
  cursor?: Cursor | undefined;
  workspace: Workspace;
  log: NotificationLog;
  /** Newest first. */
  problems: readonly Problem[];
  problemCount: number;
  /** Commands whose reply is awaited. */
  running: readonly string[];
}

/** The API whose messages drive the agent and call panels. */
export const WORKSPACE = 'workspace';
export const MAX_PROBLEMS = 4;

export const initialState: ConsoleState = {
  session: { kind: 'checking' },
  socket: 'disconnected',
  apis: {},
  workspace: emptyWorkspace,
  log: emptyLog,
  problems: [],
  problemCount: 0,
  running: [],
};

/** True when the workspace must be fetched anew, and can be. */
export const needsRefetch = (state: ConsoleState): boolean =>
  state.workspace.stale && state.apis[WORKSPACE]?.state === 'connected';
