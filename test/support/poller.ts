import { type GapEvent, type NotificationEvent } from '@gw/contract';
import { type Person } from './person.js';
import { type Heard } from './history.js';

export interface PollAnswer {
  readonly notifications: readonly NotificationEvent[];
  readonly cursor: string;
  readonly gap?: GapEvent & { readonly apis: readonly string[] };
}

export interface PollOptions {
  /** Seconds. Default 0. */
  readonly wait?: number;
  /** `null`: none. Default: that of the answer before. */
  readonly after?: string | null;
  readonly signal?: AbortSignal;
}

/** An app that polls: keeps its cursor, and all that it was given. */
export class Poller {
  readonly answers: PollAnswer[] = [];
  readonly #stop = new AbortController();

  /**
   * @param channels as `api:channel`; absent: the default ones
   * @param addresses gateways that are asked in turn
   */
  constructor(
    private readonly person: Person,
    private readonly publicUrl: string,
    private readonly channels?: string,
    private readonly addresses: readonly string[] = [publicUrl],
  ) {}

  get cursor(): string | undefined {
    return this.answers.at(-1)?.cursor;
  }

  get notifications(): NotificationEvent[] {
    return this.answers.flatMap(({ notifications }) => notifications);
  }

  get data(): unknown[] {
    return this.notifications.map(({ data }) => data);
  }

  get gaps(): NonNullable<PollAnswer['gap']>[] {
    return this.answers.flatMap(({ gap }) => gap ?? []);
  }

  /** Where each notification is a number. */
  get heard(): Heard {
    return this.answers.flatMap(({ gap, notifications }): Heard => {
      const numbers = notifications.map(({ data }) => data as number);
      return gap ? ['gap', ...numbers] : numbers;
    });
  }

  /** Whatever is answered. */
  request({ wait = 0, after, signal }: PollOptions = {}): Promise<Response> {
    const query = new URLSearchParams({ wait: String(wait) });
    const cursor = after === undefined ? this.cursor : after;
    if (cursor !== undefined && cursor !== null) query.set('after', cursor);
    if (this.channels !== undefined) query.set('channels', this.channels);
    const address = this.addresses[this.answers.length % this.addresses.length]!;
    return fetch(`${address}/notifications?${query.toString()}`, {
      headers: { cookie: this.person.agent.cookieHeader(this.publicUrl) },
      ...(signal && { signal }),
    });
  }

  async poll(options: PollOptions = {}): Promise<PollAnswer> {
    const response = await this.request(options);
    if (response.status !== 200) throw new Error(`a poll got ${response.status}: ${await response.text()}`);
    const answer = (await response.json()) as PollAnswer;
    this.answers.push(answer);
    return answer;
  }

  /** Polls again and again, with a pause in between, until it is stopped. Rejects when a poll fails. */
  async run(wait: number, pauseMs: number): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.poll({ wait, signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  stop(): void {
    this.#stop.abort();
  }
}
