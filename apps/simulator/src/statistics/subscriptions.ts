import { type Timer } from '@gw/kernel';
import { type Timers } from '../timers.js';
import { measure, type Measured, type Requested } from './values.js';

const UPDATES = '/statistics/v3/updates';
const MAX_PER_USER = 100;

interface Subscription {
  readonly user: string;
  readonly requested: readonly Requested[];
  timer: Timer | undefined;
}

export type Opened =
  { readonly kind: 'opened'; readonly values: object[] } | { readonly kind: 'collision' | 'too-many' };

/** What users want to be told every few seconds. Ids are the users' own choice. */
export class Subscriptions {
  readonly #byUser = new Map<string, Map<string, Subscription>>();

  constructor(
    private readonly measured: Measured,
    private readonly timers: Timers,
    private readonly periodMs: number,
    private readonly publish: (user: string, channel: string, data: object) => void,
  ) {}

  open(user: string, id: string, requested: readonly Requested[]): Opened {
    const own = this.#byUser.get(user) ?? new Map<string, Subscription>();
    if (own.has(id)) return { kind: 'collision' };
    if (own.size >= MAX_PER_USER) return { kind: 'too-many' };
    const subscription: Subscription = { user, requested, timer: undefined };
    this.#byUser.set(user, own.set(id, subscription));
    this.#scheduleNext(id, subscription);
    return { kind: 'opened', values: this.#values(id, subscription) };
  }

  /** Undefined when there is no such subscription. Without ids: all of its statistics. */
  peek(user: string, id: string, statisticIds?: readonly string[]): object[] | undefined {
    const subscription = this.#byUser.get(user)?.get(id);
    return subscription && this.#values(id, subscription, statisticIds);
  }

  close(user: string, id: string): void {
    const own = this.#byUser.get(user);
    own?.get(id)?.timer?.cancel();
    own?.delete(id);
  }

  closeAllOf(user: string): void {
    for (const id of this.#byUser.get(user)?.keys() ?? []) this.close(user, id);
    this.#byUser.delete(user);
  }

  #values(id: string, { requested }: Subscription, statisticIds?: readonly string[]): object[] {
    return requested
      .filter(({ statisticId }) => statisticIds?.includes(statisticId ?? '') ?? true)
      .map((statistic) => ({ subscriptionId: id, ...measure(statistic, this.measured) }));
  }

  #scheduleNext(id: string, subscription: Subscription): void {
    subscription.timer = this.timers.after(this.periodMs, () => {
      this.#push(id, subscription);
      this.#scheduleNext(id, subscription);
    });
  }

  #push(id: string, subscription: Subscription): void {
    this.publish(subscription.user, UPDATES, { data: { statistics: this.#values(id, subscription) } });
  }
}
