import { type BayeuxSession } from '../bayeux/bayeux-events.js';
import { matches } from '../bayeux/channel.js';
import { type Notifications } from '../bayeux/notifications.js';
import { type Caller } from '../http/caller.js';
import { type Timers } from '../timers.js';
import { INITIALIZATION } from './channels.js';
import { configurationData, personOf } from './profile.js';
import { type Directory } from '../agents.js';

export type InitializationState = 'NotStarted' | 'Executing' | 'Complete';

interface Initialization {
  readonly owner: Caller;
  readonly submittedAt: number;
  /** Not heard yet by a CometD session of this HTTP session; two messages at most. */
  held: object[];
  state: InitializationState;
}

/** Beyond it the oldest is forgotten. */
const MAX_INITIALIZATIONS = 100_000;

/**
 * What follows initialize-workspace: progress, then completion. Both wait for a CometD session of the
 * same HTTP session that listens, so a client that subscribes late loses nothing.
 */
export class Initializations {
  readonly #bySession = new Map<string, Initialization>();

  constructor(
    private readonly directory: Directory,
    private readonly notifications: Notifications,
    private readonly timers: Timers,
    private readonly stepMs: number,
  ) {
    notifications.onSubscribed((owner, session, channel) => this.#subscribed(owner, session, channel));
  }

  start(owner: Caller): void {
    const submittedAt = this.timers.clock.now();
    const initialization: Initialization = { owner, submittedAt, held: [], state: 'Executing' };
    this.#bySession.set(owner.httpSession, initialization);
    const [oldest] = this.#bySession.keys();
    if (this.#bySession.size > MAX_INITIALIZATIONS && oldest !== undefined) this.#bySession.delete(oldest);
    this.timers.after(this.stepMs, () => this.#progress(initialization));
  }

  stateOf(httpSession: string): InitializationState {
    return this.#bySession.get(httpSession)?.state ?? 'NotStarted';
  }

  forget(httpSession: string): void {
    this.#bySession.delete(httpSession);
  }

  #progress(initialization: Initialization): void {
    this.#tell(initialization, 'WorkspaceInitializationProgress', { progress: { percentComplete: 50 } });
    this.timers.after(this.stepMs, () => this.#complete(initialization));
  }

  #complete(initialization: Initialization): void {
    initialization.state = 'Complete';
    const user = personOf(this.directory.require(initialization.owner.user));
    this.#tell(initialization, 'WorkspaceInitializationComplete', {
      data: { user, configuration: configurationData },
    });
  }

  #tell(initialization: Initialization, messageType: string, content: object): void {
    const { owner, state, submittedAt } = initialization;
    const waited = Math.round((this.timers.clock.now() - submittedAt) / 1_000);
    const times = {
      submittedAt: new Date(submittedAt).toISOString(),
      executionTime: waited,
      actualWaitTime: waited,
    };
    const message = { messageType, state, ...times, ...content };
    this.notifications.publish(owner.user, INITIALIZATION, message);
    if (!this.notifications.isListening(owner, INITIALIZATION)) initialization.held.push(message);
  }

  #subscribed(owner: Caller, session: BayeuxSession, channel: string): void {
    const initialization = this.#bySession.get(owner.httpSession);
    if (!initialization || initialization.held.length === 0 || !matches(channel, INITIALIZATION)) return;
    session.deliver(INITIALIZATION, initialization.held);
    initialization.held = [];
  }
}
