import { createHash, timingSafeEqual } from 'node:crypto';
import { type Secret } from '@gw/kernel';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** `ADMIN_TOKEN`, if there is one. */
export class AdminToken {
  readonly #digest: Buffer | undefined;

  constructor(token: Secret | undefined) {
    this.#digest = token && digest(token.reveal());
  }

  get isSet(): boolean {
    return this.#digest !== undefined;
  }

  /** Digests have one length, and comparing them takes the same time wherever they differ. */
  matches(given: string): boolean {
    return this.#digest !== undefined && timingSafeEqual(digest(given), this.#digest);
  }
}
