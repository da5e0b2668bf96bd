/**
 * Lets one party end what another does for it. What an AbortSignal is for, at a small part of its memory:
 * there is one for each long poll of each user. Whatever is under way is one thing at a time.
 */
export class Cancellation {
  #isCancelled = false;
  #stop: (() => void) | undefined;

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** Idempotent. */
  cancel(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.#stop?.();
    this.#stop = undefined;
  }

  /**
   * Calls `stop` at the cancellation, at once if that is past; in place of what was to be called before,
   * which is over. Without `stop`: nothing is under way.
   */
  whenCancelled(stop?: () => void): void {
    if (this.#isCancelled) stop?.();
    else this.#stop = stop;
  }
}
