import { randomUUID } from 'node:crypto';
import { type Secrets } from '../control/secrets.js';
import { type Caller } from './caller.js';

/** Beyond it a user's oldest session is forgotten, as a server with a session time-out would. */
const MAX_PER_USER = 100;
const MAX_FORMER = 10_000;

/** The HTTP sessions of one API: a cookie's value and whose it is. */
export class HttpSessions {
  readonly #live = new Map<string, string>();
  /** Sessions that were, so that a refused request can still be counted for its user. */
  readonly #former = new Map<string, string>();

  constructor(private readonly secrets: Secrets) {}

  open(user: string): Caller {
    const httpSession = this.secrets.add(user, randomUUID());
    this.#live.set(httpSession, user);
    const own = this.#of(user);
    for (const oldest of own.slice(0, Math.max(0, own.length - MAX_PER_USER))) this.close(oldest);
    return { user, httpSession };
  }

  find(id: string | undefined): Caller | undefined {
    const user = id === undefined ? undefined : this.#live.get(id);
    return id === undefined || user === undefined ? undefined : { user, httpSession: id };
  }

  isLive(id: string): boolean {
    return this.#live.has(id);
  }

  /** Whose the session is or was. */
  ownerOf(id: string | undefined): string | undefined {
    return id === undefined ? undefined : (this.#live.get(id) ?? this.#former.get(id));
  }

  close(id: string): void {
    const user = this.#live.get(id);
    if (user === undefined) return;
    this.#live.delete(id);
    this.#former.set(id, user);
    const [oldest] = this.#former.keys();
    if (this.#former.size > MAX_FORMER && oldest !== undefined) this.#former.delete(oldest);
  }

  /** @returns how many there were */
  forget(user: string): number {
    const own = this.#of(user);
    for (const id of own) this.close(id);
    return own.length;
  }

  #of(user: string): string[] {
    return [...this.#live].filter(([, owner]) => owner === user).map(([id]) => id);
  }
}
