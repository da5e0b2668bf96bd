import { randomUUID } from 'node:crypto';
import { type Secrets } from '../control/secrets.js';

export const LOGIN_COOKIE = 'AUTH_SESSION';
const MAX_SESSIONS = 10_000;

/** Browsers that have signed in at the platform; a second authorization of theirs passes silently. */
export class LoginSessions {
  readonly #users = new Map<string, string>();

  constructor(private readonly secrets: Secrets) {}

  open(user: string): string {
    const id = this.secrets.add(user, randomUUID());
    this.#users.set(id, user);
    const [oldest] = this.#users.keys();
    if (this.#users.size > MAX_SESSIONS && oldest !== undefined) this.#users.delete(oldest);
    return id;
  }

  userOf(id: string | undefined): string | undefined {
    return id === undefined ? undefined : this.#users.get(id);
  }

  close(id: string | undefined): void {
    if (id !== undefined) this.#users.delete(id);
  }

  closeAllOf(user: string): void {
    for (const [id, owner] of this.#users) if (owner === user) this.#users.delete(id);
  }
}
