import { type Clock, type Keyring, RandomPool, type Timer, type UserId } from '@gw/kernel';
import { leasesKey, leaseValue, statesKey } from '@gw/ownership/redis';
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
import { type JournalLimits, type JournalScripts, journalScripts, SAVED_BEFORE } from './scripts.js';
import { UserFeed } from './user-feed.js';

/** Users whose journals are kept alive at a time. */
const AT_ONCE = 50;

interface Listened {
  readonly feed: UserFeed;
  readonly subscribed: Promise<() => void>;
}

/** The journal that all instances share. One script an append, one a read. */
export class RedisJournal extends Journal {
  readonly #listened = new Map<UserId, Listened>();
  readonly #scripts: JournalScripts;
  readonly #random = new RandomPool();
  readonly #states: SavedStates;
  #keeping: Timer | undefined;

  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: Keyspace,
    keyring: Keyring,
    private readonly clock: Clock,
    private readonly limits: JournalLimits,
  ) {
    super();
    this.#scripts = journalScripts(limits);
    this.#states = new SavedStates(keyring);
  }

  override async append(user: UserId, entries: readonly NewEntry[], holding?: Holding): Promise<void> {
    const feed = this.#listened.get(user)?.feed;
    feed?.appendBegun();
    try {
      let written = await this.#append(user, entries, holding, feed);
      if (written === 'more-wanted') {
        if (holding) this.#states.doubt(holding);
        written = await this.#append(user, entries, holding, feed);
      }
      if (written === 'ownership-lost') throw ownershipLost();
      if (written === 'more-wanted') throw journalUnavailable();
      if (holding) this.#states.written(holding, written.epoch);
      // Our own clients need not wait for the echo, nor for a channel that is away.
      if (written.last > written.before) feed?.hear(written);
    } finally {
      feed?.appendEnded();
    }
  }

  #append(
    user: UserId,
    entries: readonly NewEntry[],
    holding: Holding | undefined,
    feed: UserFeed | undefined,
  ): Promise<Appended> {
    const keys = [...this.#keysOf(user), leasesKey(this.keys, user), statesKey(this.keys, user)];
    const { api, lease, follows = '', saved } = holding ?? {};
    const state = holding ? this.#states.parameter(user, holding, feed?.known?.epoch) : '';
    const parameters = [
      // Where nothing else is new, it would hardly ever be needed.
      state === SAVED_BEFORE ? '' : this.#newEpoch(),
      ...knownBy(feed),
      this.#channelOf(user),
      api ?? '',
      lease ? leaseValue(lease) : '',
      follows,
      state,
      saved?.mark ?? '',
      ...parametersOf(entries),
    ];
    const command = (client: RedisClient) => this.#scripts.append.run(client, keys, parameters);
    return this.#run(command, (reply) => parseAppended(reply, entries));
  }

  override async read(user: UserId, after: Position | undefined): Promise<ReadResult> {
    const { epoch = '', sequence = 0 } = after ?? {};
    const parameters = [this.#newEpoch(), epoch, sequence];
    const { head, found } = await this.#run(
      (client) => this.#scripts.read.run(client, this.#keysOf(user), parameters),
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
        if (batch) feed.overhear(batch);
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
    }, this.limits.ttlMs / 2);
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
    const keys = this.#keysOf(user);
    const parameters = [this.#newEpoch(), ...knownBy(feed)];
    // Redis is away: the next time, or the next append, does it.
    await this.redis.run((client) => this.#scripts.keep.run(client, keys, parameters)).catch(() => {});
  }

  #keysOf(user: UserId): string[] {
    return [this.keys.ofUser(user, 'journal'), this.keys.ofUser(user, 'entries')];
  }

  #channelOf(user: UserId): string {
    return this.keys.ofUser(user, 'news');
  }

  #newEpoch(): string {
    return this.#random.take(9).toString('base64url');
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
