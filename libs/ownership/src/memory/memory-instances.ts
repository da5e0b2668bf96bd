import { type InstanceId } from '@gw/kernel';
import { Instances } from '../instances.js';
import { type MemoryCluster } from './memory-cluster.js';

/** An instance in a cluster that is one process: nothing to lose touch with. */
export class MemoryInstances extends Instances {
  readonly #onGone = new Set<(instance: InstanceId) => void>();
  readonly #onJoined = new Set<() => void>();
  readonly #onRejoined = new Set<() => void>();
  #started = false;

  constructor(
    override readonly self: InstanceId,
    readonly cluster: MemoryCluster,
  ) {
    super();
  }

  /** Joins again if others had to think it dead. */
  override start(): Promise<void> {
    if (this.cluster.has(this.self)) return Promise.resolve();
    this.cluster.join(this.self, {
      joined: () => {
        for (const listener of [...this.#onJoined]) listener();
      },
      gone: (instance) => {
        for (const listener of [...this.#onGone]) listener(instance);
      },
    });
    if (this.#started) for (const listener of [...this.#onRejoined]) listener();
    this.#started = true;
    return Promise.resolve();
  }

  override close(): Promise<void> {
    this.cluster.leave(this.self);
    return Promise.resolve();
  }

  override isAlive(instance: InstanceId): boolean {
    return instance === this.self || this.cluster.has(instance);
  }

  override alive(): InstanceId[] {
    return [...new Set([this.self, ...this.cluster.members])];
  }

  override announceLeave(): Promise<void> {
    this.cluster.announceLeave(this.self);
    return Promise.resolve();
  }

  override isLeaving(instance: InstanceId): boolean {
    return this.cluster.isLeaving(instance);
  }

  override successors(): number {
    return this.cluster.successorsOf(this.self);
  }

  override cutOffMs(): number {
    return 0;
  }

  override onGone(listener: (instance: InstanceId) => void): () => void {
    this.#onGone.add(listener);
    return () => this.#onGone.delete(listener);
  }

  override onJoined(listener: () => void): () => void {
    this.#onJoined.add(listener);
    return () => this.#onJoined.delete(listener);
  }

  override onRejoined(listener: () => void): () => void {
    this.#onRejoined.add(listener);
    return () => this.#onRejoined.delete(listener);
  }
}
