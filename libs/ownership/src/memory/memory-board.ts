import { type ApiName, type InstanceId, type UserId } from '@gw/kernel';
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
import { type MemoryCluster } from './memory-cluster.js';
import { type MemoryLeases } from './memory-leases.js';

/** The board of one process. */
export class MemoryBoard extends Board {
  readonly #cluster: MemoryCluster;
  readonly #self: InstanceId;

  constructor(private readonly leases: MemoryLeases) {
    super();
    this.#cluster = leases.instances.cluster;
    this.#self = leases.instances.self;
  }

  override wish(user: UserId, api: ApiName, channels: readonly string[]): Promise<BoardView> {
    const { wishes } = this.#cluster.user(user);
    if (channels.length === 0) this.#withdraw(user, api, this.#self);
    else wishes.set(api, new Map(wishes.get(api)).set(this.#self, [...channels]));
    this.#cluster.changed(user);
    return this.read(user);
  }

  override withdraw(user: UserId, instance: InstanceId): Promise<void> {
    for (const api of [...this.#cluster.user(user).wishes.keys()]) this.#withdraw(user, api, instance);
    this.#cluster.changed(user);
    return Promise.resolve();
  }

  override report(
    user: UserId,
    api: ApiName,
    lease: Lease,
    report: ConnectionReport | undefined,
  ): Promise<boolean> {
    if (!this.leases.admits(user, api, lease, undefined)) return Promise.resolve(false);
    const { reports } = this.#cluster.user(user);
    if (report) reports.set(api, report);
    else reports.delete(api);
    this.#cluster.changed(user);
    return Promise.resolve(true);
  }

  override read(user: UserId): Promise<BoardView> {
    const { leases, reports, wishes } = this.#cluster.user(user);
    const apis = new Set([...leases.keys(), ...reports.keys(), ...wishes.keys()]);
    const view = [...apis].map((api): [ApiName, ConnectionView] => [
      api,
      { lease: leases.get(api), report: reports.get(api), wishes: new Map(wishes.get(api)) },
    ]);
    return Promise.resolve(new Map(view));
  }

  override listen(user: UserId, listener: BoardListener): Promise<() => void> {
    const { listeners } = this.#cluster.user(user);
    listeners.add(listener);
    return Promise.resolve(() => listeners.delete(listener));
  }

  override publish(user: UserId, api: ApiName, channel: string, data: unknown): Promise<boolean> {
    for (const listener of [...this.#cluster.user(user).listeners]) {
      const answer = listener.publish(api, channel, data);
      if (answer) return answeredWithin(PUBLISH_TIMEOUT_MS, answer, this.#cluster.clock);
    }
    return Promise.resolve(false);
  }

  override inherit(instance: InstanceId, limit: number): Promise<UserId[]> {
    return Promise.resolve(this.#cluster.inherit(instance, limit));
  }

  #withdraw(user: UserId, api: ApiName, instance: InstanceId): void {
    const { wishes } = this.#cluster.user(user);
    const ofApi = wishes.get(api);
    ofApi?.delete(instance);
    if (ofApi?.size === 0) wishes.delete(api);
  }
}
