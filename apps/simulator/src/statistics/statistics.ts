import { Notifications } from '../bayeux/notifications.js';
import { HttpSessions } from '../http/http-sessions.js';
import { type Platform } from '../platform.js';
import { type AgentState } from '../workspace/desks.js';
import { Subscriptions } from './subscriptions.js';

const SERVICE = '/statistics/v3/service';

/** The state of the Statistics API. */
export class Statistics {
  readonly sessions: HttpSessions;
  readonly notifications: Notifications;
  readonly subscriptions: Subscriptions;

  constructor(
    readonly platform: Platform,
    agentStateOf: (user: string) => AgentState,
  ) {
    const { settings, seen, secrets, directory, timers } = platform;
    this.sessions = new HttpSessions(secrets);
    this.notifications = new Notifications('statistics', settings, seen, secrets);
    this.subscriptions = new Subscriptions(
      { directory, agentStateOf, clock: settings.clock },
      timers,
      settings.statisticsPeriodMs,
      (user, channel, data) => this.notifications.publish(user, channel, data),
    );
    // Whether the platform keeps subscriptions over a new handshake is unknown: clients must not count on it.
    this.notifications.onDeserted((user) => this.subscriptions.closeAllOf(user));
    this.notifications.onSubscribed((_owner, session, channel) => {
      if (channel === SERVICE) session.deliver(SERVICE, [{ serviceState: 'Available' }]);
    });
  }
}
