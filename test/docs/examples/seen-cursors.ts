const REMEMBERED = 1_000;

/** Tells repeats: equal cursors are the same notification. */
export class SeenCursors {
  readonly #cursors = new Set<string>();

  /** False for a cursor that was added before. */
  add(cursor: string): boolean {
    if (this.#cursors.has(cursor)) return false;
    this.#cursors.add(cursor);
    const [oldest] = this.#cursors;
    if (this.#cursors.size > REMEMBERED && oldest !== undefined) this.#cursors.delete(oldest);
    return true;
  }
}
