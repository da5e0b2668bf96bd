import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 4_096;

/**
 * Random bytes of the system's generator for what needs a few of them again and again: a call of it costs far more
 * than the bytes, so that it is asked for many at a time. None is given out twice.
 */
export class RandomPool {
  #pool = Buffer.alloc(0);

  /** At most 4,096. */
  take(count: number): Buffer {
    if (this.#pool.length < count) this.#pool = randomFillSync(Buffer.alloc(POOL_BYTES));
    const taken = this.#pool.subarray(0, count);
    this.#pool = this.#pool.subarray(count);
    return taken;
  }
}
