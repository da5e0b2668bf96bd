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
  readonly #queued = { bytes: 0, events: 0 };
  readonly #underWay = { bytes: 0, events: 0 };
  readonly #beyond = { bytes: 0, events: 0 };

  constructor(private readonly budget: PaceBudget) {}

  /** Nothing more should be written that can wait. */
  get isFull(): boolean {
    const { bytes, events } = this.budget;
    return (
      this.#queued.bytes + this.#underWay.bytes >= bytes ||
      this.#queued.events + this.#underWay.events >= events
    );
  }

  /** Also what could not wait has become too much. */
  get isExceeded(): boolean {
    return this.#beyond.bytes >= this.budget.bytes || this.#beyond.events >= this.budget.events;
  }

  /** One more event waits. */
  wrote(bytes: number): void {
    if (this.isFull) add(this.#beyond, bytes, 1);
    add(this.#queued, bytes, 1);
  }

  /** All that was queued is on its way. */
  began(): void {
    add(this.#underWay, this.#queued.bytes, this.#queued.events);
    clear(this.#queued);
  }

  /** All that was on its way has left this process. */
  took(): void {
    clear(this.#underWay);
    if (!this.isFull) clear(this.#beyond);
  }
}

interface Amount {
  bytes: number;
  events: number;
}

function add(amount: Amount, bytes: number, events: number): void {
  amount.bytes += bytes;
  amount.events += events;
}

function clear(amount: Amount): void {
  amount.bytes = 0;
  amount.events = 0;
}
