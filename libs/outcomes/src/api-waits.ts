import { type ConnectionState, type NotificationEvent } from '@gw/contract';
import { type ApiName, type UserId } from '@gw/kernel';
import { type Correlation } from './correlation.js';
import { type AttachedListener, type NotificationSource } from './notification-source.js';
import { type PendingOutcome } from './pending-outcome.js';

/** A command whose client waits. */
export interface Wait {
  readonly correlation: Correlation;
  readonly pending: PendingOutcome;
}

/** All commands of one user to one API that wait at this instance: they listen together. */
export class ApiWaits {
  readonly #waits = new Set<Wait>();
  #state: ConnectionState = 'connecting';
  readonly #watchers = new Set<() => void>();
  #attached: Promise<AttachedListener> | undefined;

  constructor(
    private readonly user: UserId,
    private readonly api: ApiName,
    /** Listened to while anything waits. */
    private readonly channels: readonly string[],
    private readonly source: NotificationSource,
  ) {}

  get size(): number {
    return this.#waits.size;
  }

  /** From here on `wait` hears what comes. */
  add(wait: Wait): void {
    this.#waits.add(wait);
    this.#attached ??= this.source.attach(this.user, this.api, this.channels, {
      notification: (event) => this.#hear(event),
      gap: () => {
        for (const { pending } of this.#waits) pending.lose('gap');
      },
      changed: (state) => this.#changed(state),
    });
    this.#attached.catch(() => (this.#attached = undefined));
  }

  /** Idempotent. With the last wait the listening ends. */
  remove(wait: Wait): void {
    this.#waits.delete(wait);
    if (this.#waits.size > 0) return;
    this.#attached?.then((attached) => attached.detach()).catch(() => {});
    this.#attached = undefined;
    this.#state = 'connecting';
    for (const watcher of [...this.#watchers]) watcher();
  }

  /**
   * Resolves with whether everything on `channels` is heard from now on. When the connection is just being
   * made it waits until it stands, or `until` resolves.
   *
   * @throws {GatewayError} when the channels will not be heard.
   */
  async listen(channels: readonly string[], until: Promise<void>): Promise<boolean> {
    const attached = await this.#attached;
    if (!attached) return false;
    return Promise.race([this.#heard(attached, channels), until.then(() => false)]);
  }

  get isConnected(): boolean {
    return this.#state === 'connected';
  }

  async #heard(attached: AttachedListener, channels: readonly string[]): Promise<boolean> {
    const subscribe = async () => {
      const answers = await Promise.all(channels.map((channel) => attached.subscribe(channel)));
      return answers.every(Boolean);
    };
    if ((await subscribe()) && this.isConnected) return true;
    return (await this.#connected()) && subscribe();
  }

  #hear(event: NotificationEvent): void {
    const waits = [...this.#waits];
    for (const wait of waits) {
      const isTaken = (subject: unknown) =>
        waits.some((other) => other !== wait && other.correlation.subject === subject);
      const verdict = wait.correlation.judge(event.data, isTaken);
      const isAlone = verdict === 'failed-somebody' && waits.length === 1;
      wait.pending.hear(event, isAlone ? 'failed' : verdict);
    }
  }

  #changed(state: ConnectionState): void {
    this.#state = state;
    if (state === 'refused') for (const { pending } of this.#waits) pending.lose('not-listening');
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** False when the connection is refused. */
  #connected(): Promise<boolean> {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.isConnected && this.#state !== 'refused' && this.#waits.size > 0) return;
        this.#watchers.delete(look);
        resolve(this.isConnected);
      };
      this.#watchers.add(look);
      look();
    });
  }
}
