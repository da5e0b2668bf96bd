import { type Clock } from '@gw/kernel';
import { Cookie, domainMatch, pathMatch } from 'tough-cookie';
import { type KeptCookie } from './upstream-state-store.js';

/** RFC 6265 §6.1 asks for at least 50 cookies a domain. */
const MAX_COOKIES = 50;
/** What common servers accept as one header line. */
const MAX_HEADER_BYTES = 8192;
/** Only matters when cookies have paths: distinct request paths whose header is remembered. */
const MAX_REMEMBERED_PATHS = 100;

/** Anything else would make the header unsendable, and with it every request of the user. */
const SENDABLE = /^[\x20-\x7e]+$/;

const EXPIRY_TOLERANCE_MS = 60_000;

const NONE: ReadonlySet<string> = new Set();

interface StoredCookie {
  readonly pair: string;
  readonly path: string;
  expiresAt: number;
}

/**
 * The cookies of one user at one upstream origin, shared by REST and CometD.
 *
 * Deliberately unlike a browser: a cookie without Path is sent everywhere (official clients ignore paths,
 * and a session cookie set by the Bayeux endpoint must reach REST), and a Secure cookie also goes to an http
 * upstream of a test installation; the jar belongs to one origin, so it reaches nobody else.
 *
 * Bounded: past 50 cookies, or a header of 8 KiB, the one that was set longest ago is dropped.
 */
export class CookieJar {
  /** In the order in which they were last changed. */
  readonly #cookies = new Map<string, StoredCookie>();
  /** As for every path, while paths do not matter. */
  #header: string | undefined;
  /** By path, when they do. */
  #headers: Map<string, string> | undefined;
  #pathsMatter = false;
  #earliestExpiry = Infinity;
  #bytes = 0;
  #changed: Set<string> | undefined;

  constructor(
    private readonly host: string,
    private readonly clock: Clock,
  ) {}

  /** Value of the Cookie header for a request to `path`; empty when there is nothing to send. */
  header(path: string): string {
    if (this.clock.now() >= this.#earliestExpiry) this.#dropExpired();
    if (!this.#pathsMatter) return (this.#header ??= this.#assemble('/'));
    return this.#headers?.get(path) ?? this.#remember(path, this.#assemble(path));
  }

  /**
   * Takes the Set-Cookie lines of one answer. What cannot be understood is ignored, as RFC 6265 §5.2 asks.
   * Returns the names and paths of what is not as it was, as `kept` takes them.
   */
  store(setCookies: readonly string[]): ReadonlySet<string> {
    for (const line of setCookies) {
      const cookie = Cookie.parse(line);
      if (cookie && this.#isAcceptable(cookie)) this.#storeOne(cookie);
    }
    const changed = this.#changed;
    this.#changed = undefined;
    return changed ?? NONE;
  }

  /** Undefined when there is none such. */
  kept(key: string): KeptCookie | undefined {
    const cookie = this.#cookies.get(key);
    if (!cookie) return undefined;
    const { pair, path, expiresAt } = cookie;
    return { pair, path, expiresAt: expiresAt === Infinity ? undefined : expiresAt };
  }

  /** Holds these cookies from now on, and no others. */
  fill(cookies: readonly { readonly key: string; readonly cookie: KeptCookie }[]): void {
    this.#cookies.clear();
    this.#forgetHeaders();
    this.#bytes = 0;
    this.#pathsMatter = false;
    this.#earliestExpiry = Infinity;
    for (const { key, cookie } of cookies) {
      this.#add(key, { pair: cookie.pair, path: cookie.path, expiresAt: cookie.expiresAt ?? Infinity });
    }
    this.#changed = undefined;
  }

  #isAcceptable(cookie: Cookie): boolean {
    if (cookie.domain && !domainMatch(this.host, cookie.domain)) return false;
    const pair = cookie.cookieString();
    return SENDABLE.test(pair) && pair.length + 2 <= MAX_HEADER_BYTES;
  }

  #storeOne(cookie: Cookie): void {
    const now = this.clock.now();
    const path = cookie.path ?? '/';
    const key = `${cookie.key};${path}`;
    const stored = {
      pair: cookie.cookieString(),
      path,
      expiresAt: cookie.expiryTime(new Date(now)) ?? Infinity,
    };
    const known = this.#cookies.get(key);
    if (stored.expiresAt <= now) {
      if (known) this.#drop(key, known);
    } else if (known?.pair === stored.pair) {
      if (isNews(known.expiresAt, stored.expiresAt)) this.#hasChanged(key);
      known.expiresAt = stored.expiresAt;
      this.#earliestExpiry = Math.min(this.#earliestExpiry, stored.expiresAt);
    } else {
      if (known) this.#drop(key, known);
      this.#add(key, stored);
    }
  }

  #add(key: string, cookie: StoredCookie): void {
    this.#hasChanged(key);
    this.#cookies.set(key, cookie);
    this.#bytes += sizeOf(cookie);
    this.#pathsMatter ||= cookie.path !== '/';
    this.#earliestExpiry = Math.min(this.#earliestExpiry, cookie.expiresAt);
    this.#forgetHeaders();
    for (const [oldest, its] of this.#cookies) {
      if (this.#cookies.size <= MAX_COOKIES && this.#bytes <= MAX_HEADER_BYTES) break;
      this.#drop(oldest, its);
    }
  }

  #drop(key: string, cookie: StoredCookie): void {
    this.#hasChanged(key);
    this.#cookies.delete(key);
    this.#bytes -= sizeOf(cookie);
    this.#forgetHeaders();
  }

  #hasChanged(key: string): void {
    this.#changed ??= new Set();
    this.#changed.add(key);
  }

  #dropExpired(): void {
    const now = this.clock.now();
    this.#earliestExpiry = Infinity;
    for (const [key, cookie] of this.#cookies) {
      if (cookie.expiresAt <= now) this.#drop(key, cookie);
      else this.#earliestExpiry = Math.min(this.#earliestExpiry, cookie.expiresAt);
    }
  }

  /** Longer paths first, then by age (RFC 6265 §5.4). */
  #assemble(path: string): string {
    return [...this.#cookies.values()]
      .filter((cookie) => cookie.path === '/' || pathMatch(path, cookie.path))
      .sort((a, b) => b.path.length - a.path.length)
      .map((cookie) => cookie.pair)
      .join('; ');
  }

  #remember(path: string, header: string): string {
    this.#headers ??= new Map();
    if (this.#headers.size >= MAX_REMEMBERED_PATHS) this.#headers.clear();
    this.#headers.set(path, header);
    return header;
  }

  #forgetHeaders(): void {
    this.#header = undefined;
    this.#headers = undefined;
  }
}

/** With the "; " that follows in the header. */
const sizeOf = (cookie: StoredCookie) => cookie.pair.length + 2;

/** A cookie whose end moves with every answer is not told anew each time. */
const isNews = (known: number, expiresAt: number): boolean =>
  known !== expiresAt && !(Math.abs(expiresAt - known) < EXPIRY_TOLERANCE_MS);
