import { type IncomingHttpHeaders } from 'node:http';
import { cookieValue } from './cookie-header.js';
import { setCookie } from './set-cookie.js';

/**
 * The cookie that carries a browser's session. With https its `__Host-` prefix keeps other hosts of the
 * domain from planting one (RFC 6265bis §4.1.3.2); browsers refuse that prefix without https.
 */
export class SessionCookie {
  readonly name: string;
  readonly isSecure: boolean;

  constructor(publicOrigin: string) {
    this.isSecure = publicOrigin.startsWith('https:');
    this.name = this.isSecure ? '__Host-session' : 'session';
  }

  /** The session's secret, if the browser sent one. */
  read(headers: IncomingHttpHeaders): string | undefined {
    return cookieValue(headers.cookie, this.name);
  }

  set(secret: string): string {
    return setCookie({ name: this.name, value: secret }, this.isSecure);
  }

  clear(): string {
    return setCookie({ name: this.name, value: '', maxAgeMs: 0 }, this.isSecure);
  }
}
