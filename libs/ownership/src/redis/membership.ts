import { type InstanceId } from '@gw/kernel';

/** What one heartbeat was told of an instance. */
export interface Heard {
  readonly instance: InstanceId;
  /** By the clock of Redis. */
  readonly silentMs: number;
  readonly isLeaving: boolean;
}

/** Who lives and who has died, as one heartbeat after the other tells. */
export class Membership {
  readonly #alive = new Set<InstanceId>();
  readonly #leaving = new Set<InstanceId>();
  readonly #dead = new Set<InstanceId>();
  /** When we came back to a list that says nothing of the others, by our own clock. */
  #backAt = -Infinity;

  constructor(private readonly deadAfterMs: number) {}

  get alive(): InstanceId[] {
    return [...this.#alive.keys()];
  }

  isAlive(instance: InstanceId): boolean {
    return this.#alive.has(instance);
  }

  isLeaving(instance: InstanceId): boolean {
    return this.#leaving.has(instance);
  }

  /** How many live and are not leaving. */
  get lasting(): number {
    return [...this.#alive].filter((instance) => !this.#leaving.has(instance)).length;
  }

  /**
   * Takes in all that a heartbeat heard, and gives who has died since. Those of whom we hear for the first
   * time when they are dead already are among them: nobody may have been left to look after them.
   *
   * @param wasAway Redis did not know us any more, or had not heard of us for so long that it should count us among the
   * dead: then it may not have heard of anybody, and for a while nobody's absence or silence means anything.
   */
  hear(all: readonly Heard[], wasAway: boolean, now: number): InstanceId[] {
    if (wasAway) this.#backAt = now;
    const isMeaningful = now - this.#backAt >= this.deadAfterMs;
    this.#leaving.clear();
    for (const { instance, isLeaving } of all) if (isLeaving) this.#leaving.add(instance);
    const gone = all.flatMap(({ instance, silentMs }) => this.#hearOf(instance, silentMs, isMeaningful));
    const present = new Set(all.map(({ instance }) => instance));
    for (const instance of this.#dead) if (!present.has(instance)) this.#dead.delete(instance);
    if (!isMeaningful) return gone;
    for (const instance of [...this.#alive]) {
      if (present.has(instance)) continue;
      this.#alive.delete(instance);
      gone.push(instance);
    }
    return gone;
  }

  /** Milliseconds until the next of them counts as dead, unless it is heard of before; Infinity: nobody is missed. */
  dueMs(all: readonly Heard[], missedAfterMs: number): number {
    const isMissed = ({ silentMs }: Heard) => silentMs > missedAfterMs && silentMs <= this.deadAfterMs;
    return Math.min(...all.filter(isMissed).map(({ silentMs }) => this.deadAfterMs - silentMs + 1));
  }

  #hearOf(instance: InstanceId, silentMs: number, isMeaningful: boolean): InstanceId[] {
    if (silentMs <= this.deadAfterMs) {
      this.#alive.add(instance);
      this.#dead.delete(instance);
      return [];
    }
    if (!isMeaningful || this.#dead.has(instance)) return [];
    this.#alive.delete(instance);
    this.#dead.add(instance);
    return [instance];
  }
}
