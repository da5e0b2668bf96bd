import { type ConnectionState, type Cursor, type GapEvent, type SessionUser } from '@gw/contract';
import { type ApiName, type Clock, type UserId } from '@gw/kernel';
import { formatCursor, type Journal, type JournalEntry, type Position, type ReadResult } from '@gw/journal';
import { type ChannelFilter } from './channel-filter.js';
import { type ClientSink } from './client-sink.js';
import { type FanoutEvents } from './fanout-events.js';

/** Pause before the journal is asked again after it failed, in milliseconds. */
const READ_AGAIN_MS = 1_000;

export interface Arrival {
  readonly user: SessionUser;
  /** Where the client says it is; `unreadable` when what it says is no position of ours. */
  readonly after: Position | 'unreadable' | undefined;
  /** The same in the client's own words. */
  readonly cursor: Cursor | undefined;
  /** APIs whose channels were not all listened to ever since `after`. */
  readonly brokenApis: readonly ApiName[];
}

export interface AttachmentOptions {
  readonly userId: UserId;
  readonly journal: Journal;
  readonly sink: ClientSink;
  readonly filter: ChannelFilter;
  readonly stateOf: (api: ApiName) => ConnectionState;
  readonly events: FanoutEvents;
  readonly clock: Clock;
}

/**
 * One client's way through the journal. It has a position and moves it forward; live entries are
 * delivered at once when they are the next ones, and otherwise are only a hint to read on. So a client
 * that catches up, reads slowly, or came while something was written goes one way, and nothing has to
 * be kept for it.
 */
export class Attachment {
  readonly #options: AttachmentOptions;
  #position: Position | undefined;
  #reading = false;
  #hasMore = false;
  #detached = false;
  /** Given since this was last reported. */
  #given = 0;

  constructor(options: AttachmentOptions) {
    this.#options = options;
  }

  get filter(): ChannelFilter {
    return this.#options.filter;
  }

  /** Sends `ready`, then what the client missed. Live entries may be heard from before. */
  async start({ user, after, cursor, brokenApis }: Arrival): Promise<void> {
    const { journal, userId, sink, filter, stateOf, events } = this.#options;
    const known = after === 'unreadable' ? undefined : after;
    const result = await journal.read(userId, known);
    if (this.#detached) return;
    const window = after === 'unreadable' ? 'epoch' : result.kind === 'gap' ? result.reason : undefined;
    const position = window || !known ? result.head : known;
    const recovered = known !== undefined && brokenApis.length === 0 && !this.#isBroken(result);
    const apis = Object.fromEntries(filter.apis.map((api) => [api, { state: stateOf(api) }]));
    this.#position = position;
    events.clientAttached(userId, recovered);
    sink.ready({ user, cursor: formatCursor(position), recovered, apis });
    if (window) this.#gaps(filter.apis, window, position, cursor);
    else this.#gaps(brokenApis, 'upstream', position);
    // Whoever says nothing of where it is begins at the head, to which all that was found leads.
    this.#goOn(position === known && result.kind === 'entries' ? result.entries : []);
  }

  /** Entries that were just appended; none: there may be some. */
  hear(entries: readonly JournalEntry[]): void {
    if (this.#detached) return;
    if (!this.#position) {
      // May be newer than what `start` reads.
      this.#hasMore = true;
      return;
    }
    const first = entries[0];
    if (!first) {
      this.#readOn();
      return;
    }
    const isNext = first.position.sequence === this.#position.sequence + 1;
    const sameEpoch = first.position.epoch === this.#position.epoch;
    if (this.#reading || !isNext || !sameEpoch) {
      this.#readOn();
      return;
    }
    const rest = this.#giveWhileItKeepsPace(entries);
    // A batch may be larger than the journal's window: what of it is not taken yet could not be read again.
    if (rest.length > 0) this.#readOn(rest);
    else this.#caughtUp();
    this.#reportGiven();
  }

  tellUpstream(api: ApiName, state: ConnectionState, reason: string | undefined): void {
    if (!this.#position || this.#detached || !this.filter.hasApi(api)) return;
    this.#options.sink.upstream({ api, state, ...(reason !== undefined && { reason }) });
  }

  /** Idempotent; nothing is sent afterwards. */
  detach(): void {
    if (this.#detached) return;
    this.#detached = true;
    this.#reportGiven();
    if (this.#position) this.#options.events.clientDetached(this.#options.userId);
  }

  /** Whether `result` leaves open what this client missed. */
  #isBroken(result: ReadResult): boolean {
    return (
      result.kind === 'gap' ||
      result.entries.some((entry) => entry.kind === 'gap' && this.filter.hasApi(entry.api))
    );
  }

  /** `inHand`: what comes next, before the journal is read. */
  #readOn(inHand: readonly JournalEntry[] = []): void {
    this.#hasMore = true;
    this.#goOn(inHand);
  }

  /** As `#readOn`, without reading where nothing was heard that could be more than `inHand`. */
  #goOn(inHand: readonly JournalEntry[]): void {
    if (this.#reading) return;
    this.#reading = true;
    this.#catchUp(inHand).catch((error: unknown) => this.#readAgain(error));
  }

  async #catchUp(inHand: readonly JournalEntry[]): Promise<void> {
    await this.#giveAtItsPace(inHand);
    while (this.#hasMore && !this.#detached) {
      this.#hasMore = false;
      const { journal, userId } = this.#options;
      const result = await journal.read(userId, this.#position);
      if (result.kind === 'gap') {
        const before = this.#position && formatCursor(this.#position);
        this.#gaps(this.filter.apis, result.reason, result.head, before);
        this.#position = result.head;
      } else {
        await this.#giveAtItsPace(result.entries);
      }
    }
    // In the same turn as the last look at `#hasMore`: what is heard in between would be forgotten.
    this.#reading = false;
    this.#caughtUp();
  }

  #readAgain(error: unknown): void {
    const { events, userId, clock } = this.#options;
    events.readFailed(userId, error);
    clock.schedule(() => {
      this.#reading = false;
      if (!this.#detached) this.#readOn();
    }, READ_AGAIN_MS);
  }

  async #giveAtItsPace(entries: readonly JournalEntry[]): Promise<void> {
    const { sink } = this.#options;
    for (const entry of entries) {
      if (sink.isCongested() && !(await sink.drained())) this.detach();
      if (this.#detached) return;
      this.#give(entry);
    }
    this.#reportGiven();
  }

  /** What it did not take. */
  #giveWhileItKeepsPace(entries: readonly JournalEntry[]): readonly JournalEntry[] {
    for (const [index, entry] of entries.entries()) {
      if (this.#detached) return [];
      if (this.#options.sink.isCongested()) return entries.slice(index);
      this.#give(entry);
    }
    return [];
  }

  #give(entry: JournalEntry): void {
    this.#position = entry.position;
    if (entry.kind === 'gap') this.#gap(entry.api, 'upstream', formatCursor(entry.position));
    else if (this.filter.lets(entry.api, entry.channel)) {
      this.#given += 1;
      this.#options.sink.notification({
        cursor: formatCursor(entry.position),
        api: entry.api,
        channel: entry.channel,
        data: entry.data,
        receivedAt: new Date(entry.receivedAt).toISOString(),
      });
    }
  }

  #reportGiven(): void {
    if (this.#given > 0) this.#options.events.delivered(this.#options.userId, this.#given);
    this.#given = 0;
  }

  #caughtUp(): void {
    if (this.#position && !this.#detached) this.#options.sink.caughtUp(formatCursor(this.#position));
  }

  /**
   * Only the last of several gaps moves the client on from `before`: if it is cut off between them, it
   * comes back with a cursor that leads to all of them again.
   */
  #gaps(apis: readonly ApiName[], reason: GapEvent['reason'], position: Position, before?: Cursor): void {
    const head = formatCursor(position);
    for (const [index, api] of apis.entries()) {
      this.#gap(api, reason, index < apis.length - 1 ? (before ?? head) : head);
    }
  }

  #gap(api: ApiName, reason: GapEvent['reason'], cursor: Cursor): void {
    if (this.#detached || !this.filter.hasApi(api)) return;
    this.#options.sink.gap({ api, reason, cursor });
    this.#options.events.gapReported(this.#options.userId, api, reason);
  }
}
