/** What may wait for one client to take it. */
export interface PaceBudget {
  readonly bytes: number;
  readonly events: number;
}

/**
 * What waits for one client, from the moment it is written until the network has taken it, held against a
 * budget. A client that has used it up is given nothing more of what can be read again later; for what
 * cannot wait (answers, states) there is the same budget once more.
 */
export class ClientPace {
  /** Written, but behind what the network is taking just now. */
  #queuedBytes = 0;
  #queuedEvents = 0;
  #underWayBytes = 0;
  #underWayEvents = 0;
  #beyondBytes = 0;
  #beyondEvents = 0;

  constructor(private readonly budget: PaceBudget) {}

  /** Nothing more should be written that can wait. */
  get isFull(): boolean {
    const { bytes, events } = this.budget;
    return (
      this.#queuedBytes + this.#underWayBytes >= bytes || this.#queuedEvents + this.#underWayEvents >= events
    );
  }

  /** Also what could not wait has become too much. */
  get isExceeded(): boolean {
    return this.#beyondBytes >= this.budget.bytes || this.#beyondEvents >= this.budget.events;
  }

  /** One more event waits. */
  wrote(bytes: number): void {
    if (this.isFull) {
      this.#beyondBytes += bytes;
      this.#beyondEvents += 1;
    }
    this.#queuedBytes += bytes;
    this.#queuedEvents += 1;
  }

  /** All that was queued is on its way. */
  began(): void {
    this.#underWayBytes += this.#queuedBytes;
    this.#underWayEvents += this.#queuedEvents;
    this.#queuedBytes = this.#queuedEvents = 0;
  }

  /** All that was on its way has left this process. */
  took(): void {
    this.#underWayBytes = this.#underWayEvents = 0;
    if (!this.isFull) this.#beyondBytes = this.#beyondEvents = 0;
  }
}
