import { type ApiName, type UserId } from '@gw/kernel';
import { type Position } from './position.js';

/** What the upstream said on a channel, or that something it said may be missing. */
export type JournalEntry = NotificationEntry | GapEntry;

export interface NotificationEntry {
  readonly kind: 'notification';
  readonly position: Position;
  readonly api: ApiName;
  readonly channel: string;
  readonly data: unknown;
  /** Milliseconds since the epoch, when the owner of the upstream session received it. */
  readonly receivedAt: number;
}

/** Between the entry before and the one after, notifications of `api` may have been lost upstream. */
export interface GapEntry {
  readonly kind: 'gap';
  readonly position: Position;
  readonly api: ApiName;
}

export type NewEntry =
  | Pick<NotificationEntry, 'kind' | 'api' | 'channel' | 'data' | 'receivedAt'>
  /**
   * A new upstream session of `api` begins. Continuity with the one before cannot be proved, so this
   * becomes a gap entry, except for the first of an API in an epoch, before which there was nothing.
   */
  | { readonly kind: 'session-start'; readonly api: ApiName }
  /** The upstream session lives on, but something of it was lost. Becomes a gap entry. */
  | { readonly kind: 'loss'; readonly api: ApiName };

export type ReadResult =
  | { readonly kind: 'entries'; readonly entries: readonly JournalEntry[]; readonly head: Position }
  /** Entries after the position are gone: `window` they were dropped, `epoch` the journal was lost. */
  | { readonly kind: 'gap'; readonly reason: 'window' | 'epoch'; readonly head: Position };

/**
 * A user's notifications in order, for a while. Every implementation passes
 * `testing/journal.contract.ts`.
 *
 * Positions of one epoch count up by one without holes. The epoch changes when the journal was lost,
 * so that a position of a lost journal is answered by a gap and never taken for one of the new.
 * Failures of the storage are thrown as `GatewayError` `journal_unavailable`, and nothing was written.
 */
export abstract class Journal {
  /**
   * Writes all of `entries`, or nothing; then tells every listener of the user. The window holds the
   * newest entries up to a count and an age; older ones are dropped.
   */
  abstract append(user: UserId, entries: readonly NewEntry[]): Promise<void>;

  /** What comes after `after`, oldest first, to the head. Without `after`: nothing, and the head. */
  abstract read(user: UserId, after: Position | undefined): Promise<ReadResult>;

  /**
   * `listener` gets each batch that is appended from now on, in order, each once. It must not throw.
   * A reader registers first, then reads, then drops what it hears twice.
   */
  abstract listen(user: UserId, listener: (entries: readonly JournalEntry[]) => void): Listening;
}

export interface Listening {
  /** Idempotent; the listener hears nothing afterwards. */
  stop(): void;
}
