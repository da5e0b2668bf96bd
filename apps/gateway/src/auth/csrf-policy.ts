import { GatewayError } from '@gw/kernel';
import { type IncomingHttpHeaders } from 'node:http';
import { bearerOf } from './bearer-header.js';
import { cookieValue } from './cookie-header.js';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request that changes something was made by a page of ours. A header of our own cannot be
 * added by a foreign page without a CORS preflight, and the browser itself says where the page is from.
 */
export class CsrfPolicy {
  readonly #allowedOrigins: ReadonlySet<string>;

  constructor(
    private readonly cookieName: string,
    allowedOrigins: readonly string[],
  ) {
    this.#allowedOrigins = new Set(allowedOrigins);
  }

  /**
   * Undefined: the request may pass. A request without the session cookie has nothing that could be abused,
   * and a bearer is sent by nobody unasked; the cookie beside it counts for nothing (`CallerAuthentication`).
   */
  refusalOf(method: string, headers: IncomingHttpHeaders): GatewayError | undefined {
    if (SAFE_METHODS.has(method)) return undefined;
    if (cookieValue(headers.cookie, this.cookieName) === undefined) return undefined;
    if (bearerOf(headers) !== undefined) return undefined;
    if (headers['x-csrf'] !== '1') {
      return new GatewayError(
        'csrf_header_missing',
        'forbidden',
        'Send the header X-CSRF: 1 with this request',
      );
    }
    if (this.#isOurs(headers)) return undefined;
    return new GatewayError(
      'csrf_origin_refused',
      'forbidden',
      'This origin may not make requests with the cookie',
    );
  }

  #isOurs(headers: IncomingHttpHeaders): boolean {
    if (headers.origin !== undefined) return this.#allowedOrigins.has(headers.origin);
    return headers['sec-fetch-site'] === 'same-origin';
  }
}
