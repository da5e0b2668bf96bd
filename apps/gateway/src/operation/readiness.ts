export type ReadinessState = 'starting' | 'ready' | 'draining' | 'no_redis';

/** Whether this instance wants new work. */
export class Readiness {
  #state: Exclude<ReadinessState, 'no_redis'> = 'starting';

  /** Without the state that the instances share, nobody new could be served. */
  constructor(private readonly isStateReachable: () => boolean) {}

  get state(): ReadinessState {
    if (this.#state !== 'ready') return this.#state;
    return this.isStateReachable() ? 'ready' : 'no_redis';
  }

  started(): void {
    this.#state = 'ready';
  }

  drain(): void {
    this.#state = 'draining';
  }
}
