import { type ApiName, type UserId } from '@gw/kernel';
import { type Lease, type SavedState } from '@gw/ownership';
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

/** On whose behalf a batch is written, and what must be written with it, in the same atomic step. */
export interface Holding {
  readonly api: ApiName;
  readonly lease: Lease;
  /**
   * Names the acknowledgement that the batch follows. A batch that follows the same one as the batch before
   * of this API is a redelivery, whoever holds the lease now: it begins with the notifications that were
   * stored then, and neither these nor what stands before them is stored again. Absent: not known, nothing
   * is dropped.
   */
  readonly follows?: string | undefined;
  /** What the next holder needs to go on from here; kept as `Leases` keeps it. */
  readonly saved?: SavedState | undefined;
}

/**
 * A user's notifications in order, for a while. Every implementation passes
 * `testing/journal.contract.ts`.
 *
 * Positions of one epoch count up by one without holes. The epoch changes when the journal was lost, or
 * when writes to it turn out to have been: somebody appended, heard of or asks for more than there is. So a
 * position of a lost journal is answered by a gap and never taken for one of the new.
 *
 * @throws {GatewayError} `journal_unavailable`, from everything here, when the storage fails.
 */
export abstract class Journal {
  /**
   * Writes all of `entries`, or nothing; then tells every listener of the user. The window holds the
   * newest entries up to a count and an age; older ones are dropped.
   *
   * After `journal_unavailable` they may have been written all the same; with `Holding.follows` the batch
   * may be given again, and is stored once.
   *
   * @throws {GatewayError} `ownership_lost` when the lease is not that holder's any more: nothing was written.
   */
  abstract append(user: UserId, entries: readonly NewEntry[], holding?: Holding): Promise<void>;

  /** What comes after `after`, oldest first, to the head. Without `after`: nothing, and the head. */
  abstract read(user: UserId, after: Position | undefined): Promise<ReadResult>;

  /**
   * Resolves when nothing that is appended from now on is missed. `listener` gets the batches in order,
   * each once; an empty one says that some may have been missed: compare positions, and read. It must not
   * throw. A reader registers first, then reads, then drops what it hears twice.
   */
  abstract listen(user: UserId, listener: JournalListener): Promise<Listening>;
}

export type JournalListener = (entries: readonly JournalEntry[]) => void;

export interface Listening {
  /** Idempotent; the listener hears nothing afterwards. */
  stop(): void;
}
