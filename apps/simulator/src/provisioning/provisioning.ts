import { Notifications } from '../bayeux/notifications.js';
import { type Caller } from '../http/caller.js';
import { HttpSessions } from '../http/http-sessions.js';
import { type Platform } from '../platform.js';

/** One segment, so that the official clients' subscription to all such channels (slash, star) hears it. */
const RESULTS = '/results';

/** The state of the Provisioning API. */
export class Provisioning {
  readonly sessions: HttpSessions;
  readonly notifications: Notifications;

  constructor(readonly platform: Platform) {
    const { settings, seen, secrets } = platform;
    this.sessions = new HttpSessions(secrets);
    this.notifications = new Notifications('provisioning', settings, seen, secrets);
  }

  logout({ user, httpSession }: Caller): void {
    this.sessions.close(httpSession);
    this.notifications.forget(user, (owner) => !this.sessions.isLive(owner.httpSession));
  }

  /** The result of an asynchronous operation: `id` is the caller's `_aioId`, the innermost data a string of JSON. */
  publishResult(user: string, id: string, path: string, result: object): void {
    const data = { data: JSON.stringify({ data: result }) };
    this.notifications.publish(user, RESULTS, { channel: 'operations', data: { id, path, data } });
  }
}
