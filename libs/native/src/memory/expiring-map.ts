import { type Clock } from '@gw/kernel';

/** Values of one process that disappear by themselves. Bounded: when full, the oldest goes. */
export class ExpiringMap<Key, Value> {
  readonly #entries = new Map<Key, { readonly value: Value; readonly until: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly maxEntries: number,
  ) {}

  put(key: Key, value: Value, ttlMs: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: this.clock.now() + ttlMs });
    if (this.#entries.size <= this.maxEntries) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  find(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry || entry.until > this.clock.now()) return entry?.value;
    this.#entries.delete(key);
    return undefined;
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }
}
