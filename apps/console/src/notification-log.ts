import type { Cursor, GapEvent, NotificationEvent } from '@gw/contract';
import { messageTypeOf } from './workspace-messages.js';

export type LogEntry =
  | { kind: 'notification'; id: number; event: NotificationEvent; messageType?: string | undefined }
  | { kind: 'gap'; id: number; event: GapEvent; at: string };

export interface NotificationLog {
  /** Newest first. */
  entries: readonly LogEntry[];
  /** Cursors already shown, newest last; what comes again is a repeat. */
  seen: readonly Cursor[];
  /** How many entries there ever were; the next one's id. */
  arrived: number;
  /** What stays on the screen while the list is paused. */
  paused?: { entries: readonly LogEntry[]; arrived: number } | undefined;
  /** The API whose entries are shown; absent: all. */
  api?: string | undefined;
  /** The entry whose payload is open. It stays open when the list has moved on. */
  open?: Extract<LogEntry, { kind: 'notification' }> | undefined;
}

export const MAX_ENTRIES = 200;
/** As long as the gateway's default replay window: it repeats nothing older. */
export const MAX_SEEN = 1000;

export const emptyLog: NotificationLog = { entries: [], seen: [], arrived: 0 };

/** Marks `cursor` as processed before this page was loaded. */
export const resumedLog = (cursor: Cursor | undefined): NotificationLog =>
  cursor === undefined ? emptyLog : { ...emptyLog, seen: [cursor] };

export function withNotification(log: NotificationLog, event: NotificationEvent): NotificationLog {
  const messageType = messageTypeOf(event.data);
  const seen = [...log.seen, event.cursor].slice(-MAX_SEEN);
  return withEntry({ ...log, seen }, { kind: 'notification', id: log.arrived, event, messageType });
}

export function withGap(log: NotificationLog, event: GapEvent, at: string): NotificationLog {
  return withEntry(log, { kind: 'gap', id: log.arrived, event, at });
}

function withEntry(log: NotificationLog, entry: LogEntry): NotificationLog {
  const entries = [entry, ...log.entries].slice(0, MAX_ENTRIES);
  return { ...log, entries, arrived: log.arrived + 1 };
}

export function withPause(log: NotificationLog, pause: boolean): NotificationLog {
  return { ...log, paused: pause ? { entries: log.entries, arrived: log.arrived } : undefined };
}

export function withOpen(log: NotificationLog, id: number): NotificationLog {
  const entry = visibleEntries(log).find((candidate) => candidate.id === id);
  return entry?.kind === 'notification' ? { ...log, open: entry } : log;
}

/** What the list shows now, newest first. */
export function visibleEntries(log: NotificationLog): readonly LogEntry[] {
  const entries = log.paused?.entries ?? log.entries;
  return log.api === undefined ? entries : entries.filter((entry) => entry.event.api === log.api);
}

/** How many arrived since the list was paused. */
export const waitingCount = (log: NotificationLog): number =>
  log.paused ? log.arrived - log.paused.arrived : 0;
