import { randomUUID } from 'node:crypto';
import { type Outcome } from '@gw/contract';
import { type ApiName, type Clock, type SessionId, type UserId } from '@gw/kernel';
import { type UpstreamApi, type UpstreamProfile } from '@gw/upstream';
import { ApiWaits, type Wait } from './api-waits.js';
import { commonChannels, ownChannels, ruleFor } from './command-rules.js';
import { Correlation } from './correlation.js';
import { type NotificationSource } from './notification-source.js';
import { type CommandRequest, named, type NamedRequest } from './operation-id.js';
import { type OutcomesEvents } from './outcomes-events.js';
import { type Doubt, PendingOutcome } from './pending-outcome.js';

/** Calls back when the session has ended, or it cannot be told whether it has. Returns how to stop. */
export type SessionWatch = (session: SessionId, ended: () => void) => () => void;

export interface OutcomesOptions {
  /** Most commands of one user that wait at this instance; any other is not waited for. */
  readonly maxPerUser: number;
  /** The same for all users together. */
  readonly maxTotal: number;
}

export interface Command extends CommandRequest {
  readonly user: UserId;
  readonly session: SessionId;
  readonly api: ApiName;
  readonly path: string;
  /** How long its client is prepared to wait for the reply, from now on, in milliseconds. */
  readonly waitMs: number;
}

/** A command that may be sent now: whatever settles it is heard. */
export interface Expectation {
  /** What is to be sent. */
  readonly request: NamedRequest;
  /** The upstream has accepted the command: resolves with its outcome, at the latest when its time is over. */
  readonly replied: () => Promise<Outcome>;
  /** Nobody asks for the outcome any more. Idempotent; also to be called after `replied`. */
  readonly end: () => void;
}

/**
 * The longest time that a command is held back for the connection that its notification comes over; in
 * milliseconds. After that it is sent all the same, and may remain unknown.
 */
const CONNECTED_WITHIN_MS = 10_000;

/** Joins commands with the notifications that settle them. */
export class Outcomes {
  readonly #apis: ReadonlyMap<ApiName, UpstreamApi>;
  readonly #users = new Map<UserId, Map<ApiName, ApiWaits>>();
  /** How to give each wait up. */
  readonly #ends = new Map<Wait, (doubt: Doubt) => void>();
  #closed = false;

  constructor(
    profile: UpstreamProfile,
    private readonly source: NotificationSource,
    private readonly watchSession: SessionWatch,
    private readonly clock: Clock,
    private readonly events: OutcomesEvents,
    private readonly options: OutcomesOptions,
  ) {
    this.#apis = new Map(profile.apis.filter(({ outcomes }) => outcomes).map((api) => [api.name, api]));
  }

  /** Whether commands of this API have outcomes at all. */
  has(api: ApiName): boolean {
    return this.#apis.has(api);
  }

  /** How many commands wait at this instance. */
  get waiting(): number {
    return this.#ends.size;
  }

  /**
   * Listens for what settles the command, and resolves when it may be sent. A command beyond the limits, or
   * of a user who cannot be listened to, may be sent at once; its outcome is `unknown`.
   */
  async expect(command: Command): Promise<Expectation> {
    const api = this.#apis.get(command.api);
    if (!api?.outcomes) throw new Error(`${command.api} has no outcomes`);
    const request = named(command, api.outcomes.operationId, randomUUID());
    const rule = ruleFor(api, command.path);
    const correlation = new Correlation(api.outcomes, rule, request.operationId);
    const wait: Wait = { correlation, pending: new PendingOutcome() };
    const since = this.clock.now();
    const doubt = this.#whyNot(command.user);
    if (doubt) wait.pending.lose(doubt);
    const end = doubt
      ? () => {}
      : await this.#begin(command, wait, [...commonChannels(api), ...(rule ? ownChannels(rule) : [])]);
    return { request, end, replied: () => this.#outcome(command, wait.pending, since).finally(end) };
  }

  /** Every wait ends as `unknown`, and none begins. Idempotent. */
  close(): void {
    this.#closed = true;
    for (const giveUp of [...this.#ends.values()]) giveUp('closing');
  }

  #whyNot(user: UserId): Doubt | undefined {
    if (this.#closed) return 'closing';
    const { maxPerUser, maxTotal } = this.options;
    let ofUser = 0;
    for (const { size } of this.#users.get(user)?.values() ?? []) ofUser += size;
    return ofUser >= maxPerUser || this.#ends.size >= maxTotal ? 'too-many' : undefined;
  }

  /** Resolves when the command may be sent, with how to end the wait. */
  async #begin(command: Command, wait: Wait, channels: readonly string[]): Promise<() => void> {
    const { user, session, api, waitMs } = command;
    const waits = this.#waitsOf(user, api);
    const { pending } = wait;
    let hasListened = false;
    const over = new Over();
    const timers = [
      this.clock.schedule(() => pending.expire(hasListened && waits.isConnected), waitMs),
      this.clock.schedule(over.resolve, Math.min(waitMs, CONNECTED_WITHIN_MS)),
    ];
    const stop = (doubt: Doubt) => {
      pending.lose(doubt);
      over.resolve();
      for (const timer of timers) timer.cancel();
      waits.remove(wait);
      this.#ends.delete(wait);
      if (waits.size === 0) this.#forget(user, waits);
    };
    this.#ends.set(wait, stop);
    waits.add(wait);
    const stopWatching = this.watchSession(session, () => {
      // Whoever signs in next is listened to anew.
      this.#forget(user, waits);
      stop('session-ended');
    });
    try {
      hasListened = await waits.listen(channels, over.promise);
    } catch (error) {
      pending.lose('not-listening');
      this.events.listenFailed(user, api, error);
    }
    return () => {
      stopWatching();
      stop('client-gone');
    };
  }

  #waitsOf(user: UserId, api: ApiName): ApiWaits {
    const ofUser = this.#users.get(user) ?? new Map<ApiName, ApiWaits>();
    this.#users.set(user, ofUser);
    const known = ofUser.get(api);
    if (known) return known;
    const settings = this.#apis.get(api);
    const waits = new ApiWaits(user, api, settings ? commonChannels(settings) : [], this.source);
    ofUser.set(api, waits);
    return waits;
  }

  #forget(user: UserId, waits: ApiWaits): void {
    const ofUser = this.#users.get(user);
    for (const [api, own] of ofUser ?? []) if (own === waits) ofUser?.delete(api);
    if (ofUser?.size === 0) this.#users.delete(user);
  }

  async #outcome({ user, api }: Command, pending: PendingOutcome, since: number): Promise<Outcome> {
    pending.replied();
    const outcome = await pending.settled;
    this.events.settled(user, api, outcome.state, this.clock.now() - since, pending.doubt);
    return outcome;
  }
}

/** Something that is over at some time. */
class Over {
  readonly promise: Promise<void>;
  resolve: () => void = () => {};

  constructor() {
    this.promise = new Promise((resolve) => (this.resolve = resolve));
  }
}
