import type {
  Cursor,
  GapEvent,
  NotificationEvent,
  ReadyEvent,
  SessionEvent,
  SessionUser,
  UpstreamEvent,
} from '@gw/contract';
import type { SocketState } from './console-state.js';
import type { CurrentSession } from './workspace-messages.js';

/** Everything that can change what the page shows: from the gateway, the connection, or the person. */
export type Action =
  | { type: 'signed-in'; user: SessionUser; after?: Cursor | undefined }
  | { type: 'signed-out'; notice?: string | undefined }
  | { type: 'gateway-unreachable' }
  | { type: 'socket'; state: SocketState }
  | { type: 'ready'; event: ReadyEvent }
  | { type: 'notification'; event: NotificationEvent }
  | { type: 'gap'; event: GapEvent; at: string }
  | { type: 'upstream'; event: UpstreamEvent }
  | { type: 'session'; event: SessionEvent }
  | { type: 'session-used' }
  | { type: 'refetch-started' }
  | { type: 'refetched'; session: CurrentSession; asOf: number }
  | { type: 'command-started'; command: string }
  | { type: 'command-settled'; command: string }
  | { type: 'failed'; text: string }
  | { type: 'problem-dismissed'; id: number }
  | { type: 'call-dismissed'; id: string }
  | { type: 'log-paused'; paused: boolean }
  | { type: 'log-filtered'; api?: string | undefined }
  | { type: 'payload-opened'; id: number }
  | { type: 'payload-closed' };
