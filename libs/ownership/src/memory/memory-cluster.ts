import { type ApiName, type Clock, type InstanceId, type UserId } from '@gw/kernel';
import { type BoardListener, type ConnectionReport } from '../board.js';
import { type Lease, type SavedState, USER_STATE_TTL_MS } from '../leases.js';

/** All that is shared of one user. */
export interface UserRecord {
  readonly leases: Map<ApiName, Lease>;
  readonly states: Map<ApiName, SavedState>;
  readonly reports: Map<ApiName, ConnectionReport>;
  readonly wishes: Map<ApiName, Map<InstanceId, readonly string[]>>;
  readonly listeners: Set<BoardListener>;
  usedAt: number;
}

/** What the cluster tells an instance of the others, and of itself. */
export interface MemoryMember {
  joined(): void;
  gone(instance: InstanceId): void;
}

/**
 * What the instances of one process share: in development there is one of them, in tests there are
 * several. Gone with the process.
 */
export class MemoryCluster {
  /** Of each name that is locked: how to wake who waits for it. */
  readonly locks = new Map<string, Set<() => void>>();
  readonly #members = new Map<InstanceId, MemoryMember>();
  /** Members that have announced that they leave. */
  readonly #leaving = new Set<InstanceId>();
  readonly #users = new Map<UserId, UserRecord>();
  /** Users of whom a dead instance left something. */
  readonly #left = new Map<InstanceId, Set<UserId>>();
  #fencing = 0;
  #sweptAt: number;

  constructor(readonly clock: Clock) {
    this.#sweptAt = clock.now();
  }

  get members(): InstanceId[] {
    return [...this.#members.keys()];
  }

  has(instance: InstanceId): boolean {
    return this.#members.has(instance);
  }

  isLeaving(instance: InstanceId): boolean {
    return this.#leaving.has(instance);
  }

  announceLeave(instance: InstanceId): void {
    if (this.has(instance)) this.#leaving.add(instance);
  }

  /** Members beside `instance` that are not leaving. */
  successorsOf(instance: InstanceId): number {
    return [...this.#members.keys()].filter((other) => other !== instance && !this.#leaving.has(other))
      .length;
  }

  join(instance: InstanceId, member: MemoryMember): void {
    for (const other of [...this.#members.values()]) other.joined();
    this.#members.set(instance, member);
    this.#left.delete(instance);
  }

  /** Whether it died or went: the others cannot tell. */
  leave(instance: InstanceId): void {
    if (!this.#members.delete(instance)) return;
    this.#leaving.delete(instance);
    const users = [...this.#users].filter(([, record]) => hasAnythingOf(record, instance));
    if (users.length > 0) this.#left.set(instance, new Set(users.map(([user]) => user)));
    for (const member of [...this.#members.values()]) member.gone(instance);
  }

  /** Some of the users of whom a dead instance left something; each is given once. */
  inherit(instance: InstanceId, limit: number): UserId[] {
    const left = this.#left.get(instance);
    if (!left) return [];
    const users = [...left].slice(0, limit);
    for (const user of users) left.delete(user);
    if (left.size === 0) this.#left.delete(instance);
    return users;
  }

  user(user: UserId): UserRecord {
    const now = this.clock.now();
    this.#sweep(now);
    let record = this.#users.get(user);
    if (!record) {
      record = {
        leases: new Map(),
        states: new Map(),
        reports: new Map(),
        wishes: new Map(),
        listeners: new Set(),
        usedAt: now,
      };
      this.#users.set(user, record);
    }
    record.usedAt = now;
    return record;
  }

  changed(user: UserId): void {
    for (const listener of [...(this.#users.get(user)?.listeners ?? [])]) listener.changed();
  }

  nextFencing(): number {
    this.#fencing += 1;
    return this.#fencing;
  }

  /** Forgets users of whom nobody holds or wants anything, with the state that was kept for a next holder. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < USER_STATE_TTL_MS) return;
    this.#sweptAt = now;
    for (const [user, { usedAt, leases, wishes, listeners }] of this.#users) {
      const isUsed = leases.size + wishes.size + listeners.size > 0;
      if (!isUsed && now - usedAt >= USER_STATE_TTL_MS) this.#users.delete(user);
    }
  }
}

function hasAnythingOf({ leases, wishes }: UserRecord, instance: InstanceId): boolean {
  return (
    [...leases.values()].some(({ holder }) => holder === instance) ||
    [...wishes.values()].some((ofApi) => ofApi.has(instance))
  );
}
