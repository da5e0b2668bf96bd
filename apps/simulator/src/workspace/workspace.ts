import { type Caller } from '../http/caller.js';
import { HttpSessions } from '../http/http-sessions.js';
import { Notifications } from '../bayeux/notifications.js';
import { type Platform } from '../platform.js';
import { Calls } from './calls.js';
import { type Publish } from './channels.js';
import { Chats } from './chats.js';
import { Desks } from './desks.js';
import { Initializations } from './initializations.js';

/** The state of the Workspace API. */
export class Workspace {
  readonly sessions: HttpSessions;
  readonly notifications: Notifications;
  readonly initializations: Initializations;
  readonly desks: Desks;
  readonly calls: Calls;
  readonly chats: Chats;

  constructor(readonly platform: Platform) {
    const { settings, seen, secrets, directory, timers } = platform;
    this.sessions = new HttpSessions(secrets);
    this.notifications = new Notifications('workspace', settings, seen, secrets);
    const publish: Publish = (user, channel, ...datas) => {
      this.notifications.publish(user, channel, ...datas);
    };
    this.initializations = new Initializations(directory, this.notifications, timers, settings.eventDelayMs);
    this.desks = new Desks(directory, publish, settings.clock);
    this.calls = new Calls(directory, this.desks, publish, timers, settings.eventDelayMs);
    this.chats = new Chats(directory, publish, timers);
  }

  initialize(user: string): Caller {
    const caller = this.sessions.open(user);
    this.initializations.start(caller);
    return caller;
  }

  /** Ends the HTTP session with its CometD sessions, and logs the agent out of all channels. */
  logout({ user, httpSession }: Caller): void {
    this.calls.clear(user);
    this.chats.clear(user);
    this.desks.clear(user);
    this.initializations.forget(httpSession);
    this.sessions.close(httpSession);
    this.notifications.forget(user, (owner) => !this.sessions.isLive(owner.httpSession));
  }
}
