import { type Clock, type Keyring, RandomPool, type Timer, type UserId } from '@gw/kernel';
import { leasesKey, leaseValue, statesKey, USER_STATE_TTL_MS } from '@gw/ownership/redis';
import { type Keyspace, type RedisClient, type RedisConnections } from '@gw/redis';
import {
  type Holding,
  Journal,
  type JournalListener,
  type Listening,
  type NewEntry,
  type ReadResult,
} from '../journal.js';
import { journalUnavailable, ownershipLost } from '../journal-errors.js';
import { type Position } from '../position.js';
import { type Appended, parametersOf, parseAppended, parseMessage, parseRead } from './journal-codec.js';
import { SavedStates } from './saved-states.js';
import { appendScript, keepScript, readScript } from './scripts.js';
import { UserFeed } from './user-feed.js';

export interface RedisJournalOptions {
  /** Most entries kept for one user. */
  readonly maxLength: number;
  /** How long an entry is kept, in milliseconds. */
  readonly ttlMs: number;
}

/** Bigger batches are announced without their entries: a message is copied to every instance that listens. */
const MAX_MESSAGE_BYTES = 65_536;

/** Users whose journals are kept alive at a time. */
const AT_ONCE = 50;

interface Listened {
  readonly feed: UserFeed;
  readonly subscribed: Promise<() => void>;
}

/** The journal that all instances share. One script an append, one a read. */
export class RedisJournal extends Journal {
  readonly #listened = new Map<UserId, Listened>();
  /** What nobody uses is forgotten after this long. */
  readonly #keptMs: number;
  readonly #random = new RandomPool();
  readonly #states: SavedStates;
  #keeping: Timer | undefined;

  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: Keyspace,
    keyring: Keyring,
    private readonly clock: Clock,
    private readonly options: RedisJournalOptions,
  ) {
    super();
    this.#keptMs = options.ttlMs * 2;
    this.#states = new SavedStates(keyring);
  }

  override async append(user: UserId, entries: readonly NewEntry[], holding?: Holding): Promise<void> {
    const feed = this.#listened.get(user)?.feed;
    let written = await this.#append(user, entries, holding, feed);
    if (written === 'state-wanted') {
      if (holding) this.#states.doubt(holding);
      written = await this.#append(user, entries, holding, feed);
    }
    if (written === 'ownership-lost') throw ownershipLost();
    if (written === 'state-wanted') throw journalUnavailable();
    if (holding) this.#states.written(holding, written.epoch);
    // Our own clients need not wait for the echo, nor for a channel that is away.
    if (written.last > written.before) feed?.hear(written);
  }

  #append(
    user: UserId,
    entries: readonly NewEntry[],
    holding: Holding | undefined,
    feed: UserFeed | undefined,
  ): Promise<Appended> {
    const { maxLength, ttlMs } = this.options;
    const command = (client: RedisClient) =>
      appendScript.run(
        client,
        [...this.#keysOf(user), leasesKey(this.keys, user), statesKey(this.keys, user)],
        [
          ...this.#common(),
          ...knownBy(feed),
          maxLength,
          ttlMs,
          this.#channelOf(user),
          MAX_MESSAGE_BYTES,
          ...this.#holdingOf(user, holding, feed),
          USER_STATE_TTL_MS,
          ...parametersOf(entries),
        ],
      );
    return this.#run(command, (reply) => parseAppended(reply, entries));
  }

  override async read(user: UserId, after: Position | undefined): Promise<ReadResult> {
    const { epoch = '', sequence = 0 } = after ?? {};
    const parameters = [...this.#common(), epoch, sequence, this.options.ttlMs];
    const { head, found } = await this.#run(
      (client) => readScript.run(client, this.#keysOf(user), parameters),
      parseRead,
    );
    this.#listened.get(user)?.feed.know(head);
    if (typeof found === 'string') return { kind: 'gap', reason: found, head };
    return { kind: 'entries', entries: found, head };
  }

  override async listen(user: UserId, listener: JournalListener): Promise<Listening> {
    const listened = this.#listened.get(user) ?? this.#listenTo(user);
    const remove = listened.feed.add(listener);
    try {
      const unsubscribe = await listened.subscribed;
      return {
        stop: () => {
          remove();
          if (listened.feed.isEmpty && this.#forget(user, listened)) unsubscribe();
        },
      };
    } catch (error) {
      remove();
      this.#forget(user, listened);
      throw journalUnavailable(error);
    }
  }

  #listenTo(user: UserId): Listened {
    const feed = new UserFeed();
    let isFirst = true;
    const subscribed = this.redis.channels.listen(this.#channelOf(user), {
      message: (text) => {
        const batch = parseMessage(text);
        if (batch) feed.hear(batch);
        else feed.lookAgain();
      },
      listening: () => {
        if (!isFirst) void this.#keep(user, feed).finally(() => feed.lookAgain());
        isFirst = false;
      },
    });
    const listened = { feed, subscribed };
    this.#listened.set(user, listened);
    this.#keeping ??= this.#keepLater();
    return listened;
  }

  #forget(user: UserId, listened: Listened): boolean {
    if (this.#listened.get(user) !== listened) return false;
    this.#listened.delete(user);
    if (this.#listened.size === 0) {
      this.#keeping?.cancel();
      this.#keeping = undefined;
    }
    return true;
  }

  /** While somebody listens to a journal, it is not forgotten; and lost writes are noticed. */
  #keepLater(): Timer {
    const timer = this.clock.schedule(() => {
      void this.#keepAll().finally(() => {
        // Else nobody listened for a moment, and whoever came after that has begun anew.
        if (this.#keeping === timer) this.#keeping = this.#keepLater();
      });
    }, this.options.ttlMs / 2);
    return timer;
  }

  async #keepAll(): Promise<void> {
    const left = [...this.#listened];
    while (left.length > 0) {
      const some = left.splice(0, AT_ONCE);
      await Promise.all(some.map(([user, { feed }]) => this.#keep(user, feed)));
    }
  }

  async #keep(user: UserId, feed: UserFeed): Promise<void> {
    const parameters = [...this.#common(), ...knownBy(feed)];
    // Redis is away: the next time, or the next append, does it.
    await this.redis.run((client) => keepScript.run(client, this.#keysOf(user), parameters)).catch(() => {});
  }

  #keysOf(user: UserId): string[] {
    return [this.keys.ofUser(user, 'journal'), this.keys.ofUser(user, 'entries')];
  }

  #channelOf(user: UserId): string {
    return this.keys.ofUser(user, 'news');
  }

  #common(): (string | number)[] {
    return [this.#keptMs, this.#random.take(9).toString('base64url')];
  }

  #holdingOf(user: UserId, holding: Holding | undefined, feed: UserFeed | undefined): string[] {
    if (!holding) return ['', '', '', '', ''];
    const { api, lease, follows = '', saved } = holding;
    const state = this.#states.parameter(user, holding, feed?.known?.epoch);
    return [api, leaseValue(lease), follows, state, saved?.mark ?? ''];
  }

  async #run<T>(
    command: (client: RedisClient) => Promise<unknown>,
    parse: (reply: unknown) => T,
  ): Promise<T> {
    try {
      return parse(await this.redis.run(command));
    } catch (error) {
      throw journalUnavailable(error);
    }
  }
}

const knownBy = (feed: UserFeed | undefined): (string | number)[] =>
  feed?.known ? [feed.known.epoch, feed.known.sequence] : ['', 0];
