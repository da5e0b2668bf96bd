import { Locks } from '../locks.js';
import { type MemoryCluster } from './memory-cluster.js';

/** Locks of one process. They end with it. */
export class MemoryLocks extends Locks {
  constructor(private readonly cluster: MemoryCluster) {
    super();
  }

  override async run<T>(
    name: string,
    waitMs: number,
    task: () => Promise<T>,
  ): Promise<{ readonly kind: 'done'; readonly value: T } | { readonly kind: 'busy' }> {
    if (!(await this.#take(name, waitMs))) return { kind: 'busy' };
    try {
      return { kind: 'done', value: await task() };
    } finally {
      const waiting = this.cluster.locks.get(name) ?? [];
      this.cluster.locks.delete(name);
      for (const wake of waiting) wake();
    }
  }

  async #take(name: string, waitMs: number): Promise<boolean> {
    const deadline = this.cluster.clock.now() + waitMs;
    for (;;) {
      const waiting = this.cluster.locks.get(name);
      if (!waiting) {
        this.cluster.locks.set(name, new Set());
        return true;
      }
      const leftMs = deadline - this.cluster.clock.now();
      if (leftMs <= 0) return false;
      await this.#woken(waiting, leftMs);
    }
  }

  #woken(waiting: Set<() => void>, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        timer.cancel();
        waiting.delete(wake);
        resolve();
      };
      const timer = this.cluster.clock.schedule(wake, timeoutMs);
      waiting.add(wake);
    });
  }
}
