import { type Clock } from '@gw/kernel';

type GiveUp = () => void;

/** A wait ends up to one of these parts of the time too early. */
const PARTS = 4;

/**
 * One and the same deadline for many answers. One timer serves all of them: to set and cancel one for each of thousands
 * of commands a second costs as much as to write them.
 */
export class Deadline {
  /** Who waits, by the part of the time in which they began: first the latest. */
  readonly #waiting = Array.from({ length: PARTS }, () => new Set<GiveUp>());
  #isTimed = false;

  /** An answer may take `ms` at most, and three quarters of that at least. */
  constructor(
    private readonly ms: number,
    private readonly clock: Clock,
  ) {}

  /**
   * What is answered, or a failure when that takes longer. What has arrived by then is read first: an event loop that
   * stood still must not take its own delay for that of the server, and give up what only it has kept waiting.
   */
  within<T>(answer: Promise<T>): Promise<T> {
    const [begun] = this.#waiting;
    return new Promise((resolve, reject) => {
      const giveUp = () => void setImmediate(() => reject(new Error('no answer in time')));
      begun?.add(giveUp);
      this.#time();
      const ending = <A>(settle: (outcome: A) => void) => {
        return (outcome: A) => {
          begun?.delete(giveUp);
          settle(outcome);
        };
      };
      answer.then(ending(resolve), ending(reject));
    });
  }

  #time(): void {
    if (this.#isTimed) return;
    this.#isTimed = true;
    this.clock.schedule(() => {
      this.#isTimed = false;
      const due = this.#waiting.pop();
      this.#waiting.unshift(new Set());
      due?.forEach((giveUp) => giveUp());
      if (this.#waiting.some(({ size }) => size > 0)) this.#time();
    }, this.ms / PARTS);
  }
}
