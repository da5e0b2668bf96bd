import { GatewayError, type UserId } from '@gw/kernel';
import {
  type Holding,
  Journal,
  type JournalEntry,
  type Listening,
  type NewEntry,
  type Position,
  type ReadResult,
} from '@gw/journal';

/** A journal that is slow or away when the test says so. */
export class ScriptedJournal extends Journal {
  /** So many of the next reads, and writes, fail. */
  failingReads = 0;
  failingWrites = 0;
  reads = 0;
  /** Waited for before a read looks, and before its answer arrives. */
  beforeRead: () => Promise<void> = () => Promise.resolve();
  afterRead: () => Promise<void> = () => Promise.resolve();

  readonly #listening = new Set<Listening>();

  constructor(private readonly journal: Journal) {
    super();
  }

  get listeners(): number {
    return this.#listening.size;
  }

  override async append(user: UserId, entries: readonly NewEntry[], holding?: Holding): Promise<void> {
    if (this.failingWrites > 0) {
      this.failingWrites -= 1;
      throw unavailable();
    }
    await this.journal.append(user, entries, holding);
  }

  override async read(user: UserId, after: Position | undefined): Promise<ReadResult> {
    this.reads += 1;
    if (this.failingReads > 0) {
      this.failingReads -= 1;
      throw unavailable();
    }
    await this.beforeRead();
    const result = await this.journal.read(user, after);
    await this.afterRead();
    return result;
  }

  override async listen(
    user: UserId,
    listener: (entries: readonly JournalEntry[]) => void,
  ): Promise<Listening> {
    const listening = await this.journal.listen(user, listener);
    this.#listening.add(listening);
    return {
      stop: () => {
        this.#listening.delete(listening);
        listening.stop();
      },
    };
  }
}

function unavailable(): GatewayError {
  return new GatewayError('journal_unavailable', 'unavailable', 'the journal is away');
}
