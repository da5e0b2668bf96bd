import { type ApiName, type InstanceId, type UserId } from '@gw/kernel';
import { type Keyspace, type RedisConnections, type RedisScript } from '@gw/redis';
import { answeredWithin } from '../answered-within.js';
import {
  Board,
  type BoardListener,
  type BoardView,
  type ConnectionReport,
  type ConnectionView,
  PUBLISH_TIMEOUT_MS,
} from '../board.js';
import { type Lease } from '../leases.js';
import { decodeBoard, parseBoardMessage } from './board-codec.js';
import { readScript, reportScript, wishScript, withdrawScript } from './board-scripts.js';
import { leaseValue } from './lease-keys.js';
import { PublishCalls } from './publish-calls.js';
import { type RedisInstances } from './redis-instances.js';
import { boardChannel, userKeys, userParameters } from './user-keys.js';

export interface RedisBoardOptions {
  readonly publishTimeoutMs?: number;
}

/** The board in hashes of each user's, with a channel that says when to look again. */
export class RedisBoard extends Board {
  readonly #calls: PublishCalls;
  readonly #listeners = new Map<UserId, Set<BoardListener>>();
  readonly #publishTimeoutMs: number;

  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: Keyspace,
    private readonly instances: RedisInstances,
    { publishTimeoutMs = PUBLISH_TIMEOUT_MS }: RedisBoardOptions = {},
  ) {
    super();
    this.#calls = new PublishCalls(redis, keys.of('replies', instances.self), instances.clock);
    this.#publishTimeoutMs = publishTimeoutMs;
  }

  override wish(user: UserId, api: ApiName, channels: readonly string[]): Promise<BoardView> {
    const { users, self } = this.instances;
    const text = channels.length === 0 ? '' : JSON.stringify(channels);
    const step = async () => {
      const value = decodeBoard(await this.#run(wishScript, user, api, text));
      return { value, hasMore: hasAnythingOf(value, self) };
    };
    return channels.length === 0 ? users.losing(user, step) : users.gaining(user, step);
  }

  override async withdraw(user: UserId, instance: InstanceId): Promise<void> {
    const { users, self } = this.instances;
    // Of what others wished we have nothing to lose.
    if (instance !== self) await this.#run(withdrawScript, user, instance);
    else
      await users.losing(user, async () => ({
        value: undefined,
        hasMore: (await this.#run(withdrawScript, user, instance)) === 1,
      }));
  }

  override report(
    user: UserId,
    api: ApiName,
    lease: Lease,
    report: ConnectionReport | undefined,
  ): Promise<boolean> {
    return this.instances.users.losing(user, async () => {
      const text = report ? JSON.stringify(report) : '';
      const answer = await this.#run(reportScript, user, api, leaseValue(lease), text);
      const [isHeld, hasMore] = Array.isArray(answer) ? (answer as unknown[]) : [];
      return { value: isHeld === 1, hasMore: hasMore === 1 };
    });
  }

  override async read(user: UserId): Promise<BoardView> {
    return decodeBoard(await this.#run(readScript, user));
  }

  override async listen(user: UserId, listener: BoardListener): Promise<() => void> {
    let isFirst = true;
    const stop = await this.redis.channels.listen(boardChannel(this.keys, user), {
      message: (text) => this.#hear(listener, text),
      listening: () => {
        if (!isFirst) listener.changed();
        isFirst = false;
      },
    });
    const listeners = this.#listeners.get(user) ?? new Set();
    this.#listeners.set(user, listeners.add(listener));
    return () => {
      stop();
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(user) === listeners) this.#listeners.delete(user);
    };
  }

  override async publish(user: UserId, api: ApiName, channel: string, data: unknown): Promise<boolean> {
    // Where it is ours to answer, nothing goes out.
    for (const listener of [...(this.#listeners.get(user) ?? [])]) {
      const answer = listener.publish(api, channel, data);
      if (answer) return answeredWithin(this.#publishTimeoutMs, answer, this.instances.clock);
    }
    return this.#calls.call(boardChannel(this.keys, user), { api, channel, data }, this.#publishTimeoutMs);
  }

  override inherit(instance: InstanceId, limit: number): Promise<UserId[]> {
    return this.instances.users.take(instance, limit);
  }

  #hear(listener: BoardListener, text: string): void {
    const message = parseBoardMessage(text);
    if (message?.kind === 'changed' && message.by !== this.instances.self) listener.changed();
    if (message?.kind !== 'publish') return;
    listener.publish(message.api, message.channel, message.data)?.then(
      (isTaken) => this.#calls.answer(message, isTaken),
      () => this.#calls.answer(message, false),
    );
  }

  #run(script: RedisScript, user: UserId, ...parameters: string[]): Promise<unknown> {
    const [keys, head] = [userKeys(this.keys, user), userParameters(this.keys, user, this.instances.self)];
    return this.redis.run((client) => script.run(client, keys, [...head, ...parameters]));
  }
}

function hasAnythingOf(view: BoardView, instance: InstanceId): boolean {
  const has = ({ lease, wishes }: ConnectionView) => lease?.holder === instance || wishes.has(instance);
  return [...view.values()].some(has);
}
