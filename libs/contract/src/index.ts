/**
 * The events of the Socket.IO interface, v1: what a client may rely on. Shared by the gateway, the web
 * console and tests; types only.
 */

/** Opaque position in a user's notifications. Equal cursors are the same notification. */
export type Cursor = string;

/** Why an upstream connection is in its state; clients may show it, and must accept new values. */
export type ConnectionState = 'connecting' | 'connected' | 'interrupted' | 'refused';

export interface SessionUser {
  id: string;
  userName: string;
  displayName: string;
}

/** What a client sends as Socket.IO `auth`. */
export interface HandshakeAuth {
  /** Opaque handle of a native app; browsers have their cookie instead. */
  token?: string;
  /** The last cursor that the client processed. */
  after?: Cursor;
  /** Absent: the default channels of every API. */
  channels?: ChannelRequest[];
}

export interface ChannelRequest {
  api: string;
  /** A Bayeux channel or wildcard (`/a/*`, `/a/**`). */
  channel: string;
}

export interface ReadyEvent {
  user: SessionUser;
  cursor: Cursor;
  /** True when everything after the client's `after` follows. */
  recovered: boolean;
  apis: Record<string, { state: ConnectionState }>;
}

export interface NotificationEvent {
  cursor: Cursor;
  api: string;
  channel: string;
  /** What the upstream sent, untouched. */
  data: unknown;
  /** When the gateway received it, ISO 8601. */
  receivedAt: string;
}

/** How a command ended whose client waited for that (`Prefer: wait`). */
export interface Outcome {
  /** `unknown`: it may have succeeded or failed, refetch the state. `timed_out`: neither happened in time. */
  state: 'succeeded' | 'failed' | 'timed_out' | 'unknown';
  /** What settled it; the same that clients get, by its cursor. */
  notification?: NotificationEvent;
}

/** Continuity could not be proved: refetch the state of that API. */
export interface GapEvent {
  api: string;
  reason: 'window' | 'epoch' | 'upstream';
  cursor: Cursor;
}

export interface UpstreamEvent {
  api: string;
  state: ConnectionState;
  reason?: string;
}

export type SessionEndReason = 'logout' | 'idle' | 'expired' | 'revoked' | 'upstream';

export interface SessionEvent {
  state: 'expiring' | 'ended';
  reason: SessionEndReason;
  /** When it ends or ended, ISO 8601. */
  at: string;
}

export interface DrainEvent {
  reconnectAfterMs: number;
}

/** The app has come by a newer socket of the same session; this one is closed, and must not come back by itself. */
export interface ReplacedEvent {
  /** ISO 8601. */
  at: string;
}

export interface ServerToClientEvents {
  ready: (event: ReadyEvent) => void;
  notification: (event: NotificationEvent) => void;
  gap: (event: GapEvent) => void;
  upstream: (event: UpstreamEvent) => void;
  session: (event: SessionEvent) => void;
  drain: (event: DrainEvent) => void;
  replaced: (event: ReplacedEvent) => void;
}

export type Acknowledgement =
  { ok: true; [detail: string]: unknown } | { ok: false; error: { code: string; message: string } };

export interface ClientToServerEvents {
  subscribe: (request: ChannelRequest, acknowledge: (answer: Acknowledgement) => void) => void;
  unsubscribe: (request: ChannelRequest, acknowledge: (answer: Acknowledgement) => void) => void;
  publish: (
    request: ChannelRequest & { data: unknown },
    acknowledge: (answer: Acknowledgement) => void,
  ) => void;
}
