import { randomUUID } from 'node:crypto';
import { type Secrets } from '../control/secrets.js';
import { type Caller } from './caller.js';

/** Beyond it a user's oldest session is forgotten, as a server with a session time-out would. */
const MAX_PER_USER = 100;
const MAX_FORMER = 10_000;

interface LiveSession {
  readonly user: string;
  /** The cookie's value: at first the session's id. */
  cookie: string;
}

/** The HTTP sessions of one API: whose each is, and the cookie's value that it is found by. */
export class HttpSessions {
  readonly #live = new Map<string, LiveSession>();
  readonly #byCookie = new Map<string, string>();
  /** Values that were, so that a refused request can still be counted for its user. */
  readonly #former = new Map<string, string>();
  /** Sessions that are to get a new cookie with the next reply. */
  readonly #due = new Set<string>();

  constructor(private readonly secrets: Secrets) {}

  open(user: string): Caller {
    const httpSession = this.secrets.add(user, randomUUID());
    this.#live.set(httpSession, { user, cookie: httpSession });
    this.#byCookie.set(httpSession, httpSession);
    const own = this.#of(user);
    for (const oldest of own.slice(0, Math.max(0, own.length - MAX_PER_USER))) this.close(oldest);
    return { user, httpSession };
  }

  find(cookie: string | undefined): Caller | undefined {
    const httpSession = cookie === undefined ? undefined : this.#byCookie.get(cookie);
    const session = httpSession === undefined ? undefined : this.#live.get(httpSession);
    return httpSession === undefined || !session ? undefined : { user: session.user, httpSession };
  }

  isLive(httpSession: string): boolean {
    return this.#live.has(httpSession);
  }

  /** Whose the session is or was. */
  ownerOf(cookie: string | undefined): string | undefined {
    return cookie === undefined ? undefined : (this.find(cookie)?.user ?? this.#former.get(cookie));
  }

  close(httpSession: string): void {
    const session = this.#live.get(httpSession);
    if (!session) return;
    this.#live.delete(httpSession);
    this.#due.delete(httpSession);
    this.#retire(session);
  }

  /** @returns how many there were */
  forget(user: string): number {
    const own = this.#of(user);
    for (const httpSession of own) this.close(httpSession);
    return own.length;
  }

  /** The next reply in each of the user's sessions sets another cookie. */
  rotate(user: string): void {
    for (const httpSession of this.#of(user)) this.#due.add(httpSession);
  }

  /** The cookie's new value, if one is due: the old one is not known any more. */
  renew(httpSession: string): string | undefined {
    const session = this.#live.get(httpSession);
    if (!session || !this.#due.delete(httpSession)) return undefined;
    this.#retire(session);
    session.cookie = this.secrets.add(session.user, randomUUID());
    this.#byCookie.set(session.cookie, httpSession);
    return session.cookie;
  }

  #retire({ user, cookie }: LiveSession): void {
    this.#byCookie.delete(cookie);
    this.#former.set(cookie, user);
    const [oldest] = this.#former.keys();
    if (this.#former.size > MAX_FORMER && oldest !== undefined) this.#former.delete(oldest);
  }

  #of(user: string): string[] {
    return [...this.#live].filter(([, session]) => session.user === user).map(([id]) => id);
  }
}
