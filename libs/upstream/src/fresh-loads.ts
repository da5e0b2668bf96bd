interface Load {
  readonly done: Promise<void>;
  /** Begins when this one is over; for all who asked meanwhile. */
  next?: Promise<void>;
}

/**
 * Runs one load a key at a time. Who asks while one is under way gets the next: what has just been
 * changed may be missing from an answer that was asked for before.
 */
export class FreshLoads<Key> {
  readonly #running = new Map<Key, Load>();

  constructor(private readonly load: (key: Key) => Promise<void>) {}

  run(key: Key): Promise<void> {
    const running = this.#running.get(key);
    if (!running) return this.#begin(key);
    running.next ??= running.done.catch(() => {}).then(() => this.#begin(key));
    return running.next;
  }

  #begin(key: Key): Promise<void> {
    const done = this.load(key).finally(() => {
      if (this.#running.get(key) === load) this.#running.delete(key);
    });
    const load: Load = { done };
    this.#running.set(key, load);
    return done;
  }
}
