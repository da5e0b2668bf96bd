import { randomBytes } from 'node:crypto';

const NAME = 'BAYEUX_BROWSER';
/** Beyond it the oldest values are forgotten, and so refused. */
const MAX_VALUES = 10_000;

/**
 * The values of `BAYEUX_BROWSER` as clients know them. The CometD server knows a browser by one value for
 * ever; this lets it have several, one after the other.
 */
export class BrowserCookies {
  /** The value that a client has → the CometD server's own; undefined for one that was replaced. */
  readonly #own = new Map<string, string | undefined>();
  readonly #due = new Set<string>();

  /** The next reply to the user sets another value. */
  rotate(user: string): void {
    this.#due.add(user);
  }

  /** A request's Cookie header as the CometD server is to read it. */
  asServerKnows(header: string | undefined): string | undefined {
    const value = valueIn(header);
    if (header === undefined || value === undefined || !this.#own.has(value)) return header;
    return header.replace(`${NAME}=${value}`, `${NAME}=${this.#own.get(value) ?? 'replaced'}`);
  }

  /** What the reply to a request with this header has to set, if a new value is due. */
  renew(user: string, header: string | undefined): string | undefined {
    const value = valueIn(header);
    if (value === undefined || !this.#due.delete(user)) return undefined;
    const next = randomBytes(20).toString('hex');
    this.#remember(next, this.#own.has(value) ? this.#own.get(value) : value);
    this.#remember(value, undefined);
    return `${NAME}=${next}`;
  }

  #remember(value: string, own: string | undefined): void {
    this.#own.set(value, own);
    const [oldest] = this.#own.keys();
    if (this.#own.size > MAX_VALUES && oldest !== undefined) this.#own.delete(oldest);
  }
}

function valueIn(header = ''): string | undefined {
  return new RegExp(`(?:^|; *)${NAME}=([^;]*)`, 'u').exec(header)?.[1];
}
