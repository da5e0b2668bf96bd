import { randomUUID } from 'node:crypto';
import { type SavedState } from '@gw/ownership';
import { parseSaved, type SavedSession, SavedText } from './saved-session.js';

/** Which Bayeux session it is that goes from owner to owner, and what is known of it. */
export class SessionIdentity {
  readonly #text = new SavedText();
  readonly #leftMark: string | undefined;
  /** What the owner before has left, as long as it was not looked at. */
  #left: SavedSession | undefined;
  #name: string | undefined;
  /** Of the Bayeux session that is known to be subscribed to all that is reported. */
  #subscribedName: string | undefined;

  constructor(saved: SavedState | undefined, subscribedName: string | undefined) {
    this.#left = parseSaved(saved?.state);
    this.#leftMark = saved?.mark;
    this.#name = this.#left?.name;
    this.#subscribedName = subscribedName;
  }

  get isInherited(): boolean {
    return this.#left !== undefined;
  }

  /** Its name, if it is known to be subscribed; else whoever goes on with it has to see to that. */
  get subscribedName(): string | undefined {
    return this.#subscribedName === this.#name ? this.#name : undefined;
  }

  /** What the owner before has left, once, and only if it was made in the upstream session `generation`. */
  takeLeft(
    generation: number | undefined,
  ): (SavedSession & { readonly mark: string | undefined }) | undefined {
    const left = this.#left;
    this.#left = undefined;
    return left && left.generation === generation ? { ...left, mark: this.#leftMark } : undefined;
  }

  /** A handshake has made another one of it. */
  begun(): void {
    this.#name = randomUUID();
  }

  subscribed(): void {
    this.#subscribedName = this.#name;
  }

  /** It may be without some of its subscriptions. */
  inDoubt(): void {
    this.#subscribedName = undefined;
  }

  toSave(session: Omit<SavedSession, 'name'>, mark: string | undefined): SavedState {
    const { bayeux, browserCookie, generation } = session;
    return { state: this.#text.of({ bayeux, browserCookie, generation, name: this.#name }), mark };
  }
}
