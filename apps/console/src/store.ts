import type { Action } from './action.js';
import { type ConsoleState, initialState } from './console-state.js';
import { reduce } from './state.js';

/** Holds the one state of the page. */
export class Store {
  #state = initialState;
  readonly #listeners = new Set<() => void>();

  get state(): ConsoleState {
    return this.#state;
  }

  dispatch(action: Action): void {
    const next = reduce(this.#state, action);
    if (next === this.#state) return;
    this.#state = next;
    for (const listener of [...this.#listeners]) listener();
  }

  /** @returns what ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
