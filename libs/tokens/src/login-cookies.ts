import { hash, randomBytes } from 'node:crypto';
import { LOGIN_TTL_MS } from './code-flow.js';

/** To be set HttpOnly, SameSite=Lax, Path=/; an empty value with `maxAgeMs` 0 removes it. */
export interface LoginCookie {
  readonly name: string;
  readonly value: string;
  readonly maxAgeMs: number;
}

/** Cookies of abandoned attempts must not grow until servers refuse the browser's headers. */
const MAX_ATTEMPTS_OF_BROWSER = 10;
const NAME_LENGTH = 16;

/**
 * One cookie for each attempt, so that tabs do not disturb one another, named after its state: without
 * it, whoever lures a browser to a callback with a code of their own logs it in as themselves (login
 * CSRF, RFC 9700 §4.7).
 */
export class LoginCookies {
  readonly #prefix: string;

  /** @param secure whether browsers come by https; only then does the `__Host-` prefix work. */
  constructor(secure: boolean) {
    this.#prefix = secure ? '__Host-login-' : 'login-';
  }

  newSecret(): string {
    return randomBytes(32).toString('base64url');
  }

  /** What is stored of a secret. */
  browserOf(secret: string): string {
    return hash('sha256', secret, 'base64url');
  }

  set(state: string, secret: string): LoginCookie {
    return { name: this.nameOf(state), value: secret, maxAgeMs: LOGIN_TTL_MS };
  }

  clear(name: string): LoginCookie {
    return { name, value: '', maxAgeMs: 0 };
  }

  /** Browsers send cookies oldest first (RFC 6265 §5.4), so the surplus at the front is the oldest. */
  clearSurplus(cookies: ReadonlyMap<string, string>): LoginCookie[] {
    const names = [...cookies.keys()].filter((name) => name.startsWith(this.#prefix));
    const surplus = Math.max(0, names.length - (MAX_ATTEMPTS_OF_BROWSER - 1));
    return names.slice(0, surplus).map((name) => this.clear(name));
  }

  nameOf(state: string): string {
    return this.#prefix + hash('sha256', state, 'base64url').slice(0, NAME_LENGTH);
  }
}
