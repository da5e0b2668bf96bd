import { describe, expect, it } from 'vitest';
import {
  emptyLog,
  MAX_ENTRIES,
  MAX_SEEN,
  type NotificationLog,
  visibleEntries,
  waitingCount,
  withGap,
  withNotification,
  withOpen,
  withPause,
} from './notification-log.js';

const at = '2026-11-23T20:00:00.000Z';

const arrive = (log: NotificationLog, sequence: number, api = 'workspace'): NotificationLog =>
  withNotification(log, {
    cursor: `e.${sequence}`,
    api,
    channel: '/c',
    data: { messageType: 'T', sequence },
    receivedAt: at,
  });
const cursors = (log: NotificationLog) => visibleEntries(log).map((entry) => entry.event.cursor);
const filled = (count: number): NotificationLog =>
  Array.from({ length: count }, (_, n) => n).reduce((log, n) => arrive(log, n), emptyLog);

describe('the notification list', () => {
  it('shows the newest first', () => {
    expect(cursors(filled(3))).toEqual(['e.2', 'e.1', 'e.0']);
  });

  it('is bounded, and so is what it remembers of repeats', () => {
    const log = filled(MAX_SEEN + 5);
    expect(log.entries).toHaveLength(MAX_ENTRIES);
    expect(log.seen).toHaveLength(MAX_SEEN);
    expect(log.seen.at(-1)).toBe(`e.${MAX_SEEN + 4}`);
  });

  it('shows a gap where it happened', () => {
    const gap = withGap(filled(1), { api: 'workspace', reason: 'window', cursor: 'e.0' }, at);
    expect(visibleEntries(arrive(gap, 9)).map(({ kind }) => kind)).toEqual([
      'notification',
      'gap',
      'notification',
    ]);
  });

  it('can show one API only', () => {
    const log = arrive(arrive(emptyLog, 1, 'statistics'), 2, 'workspace');
    expect(cursors({ ...log, api: 'statistics' })).toEqual(['e.1']);
  });
});

describe('a paused list', () => {
  it('stands still, counts what waits, and shows it when resumed', () => {
    const paused = arrive(arrive(withPause(filled(2), true), 2), 3);
    expect(cursors(paused)).toEqual(['e.1', 'e.0']);
    expect(waitingCount(paused)).toBe(2);
    expect(cursors(withPause(paused, false))).toEqual(['e.3', 'e.2', 'e.1', 'e.0']);
  });
});

describe('an open payload', () => {
  it('stays open when its notification has left the list', () => {
    let log = withOpen(filled(1), 0);
    for (let n = 1; n <= MAX_ENTRIES; n++) log = arrive(log, n);
    expect(log.open?.event.cursor).toBe('e.0');
    expect(cursors(log)).not.toContain('e.0');
  });

  it('needs a notification: a gap has none', () => {
    const gap = withGap(emptyLog, { api: 'workspace', reason: 'epoch', cursor: 'e.0' }, at);
    expect(withOpen(gap, 0).open).toBeUndefined();
  });
});
