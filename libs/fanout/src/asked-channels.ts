import { type SubscribeOutcome } from '@gw/bayeux';
import { GatewayError } from '@gw/kernel';

export type SubscriptionState = 'active' | 'pending';

/** Channels that the upstream is asked for: each once at a time, and which of them it refuses. */
export class AskedChannels {
  readonly #refused = new Set<string>();
  /** Whose answer is still awaited. */
  readonly #awaited = new Map<string, Promise<SubscriptionState>>();

  constructor(
    private readonly ask: (channel: string) => Promise<SubscribeOutcome>,
    /** The upstream has answered, or not in time. */
    private readonly answered: (channel: string, outcome: SubscribeOutcome) => void,
  ) {}

  get refused(): string[] {
    return [...this.#refused];
  }

  /** @throws {GatewayError} `subscription_refused`. */
  subscribe(channel: string): Promise<SubscriptionState> {
    const awaited = this.#awaited.get(channel);
    if (awaited) return awaited;
    const answer = this.#ask(channel).finally(() => this.#awaited.delete(channel));
    this.#awaited.set(channel, answer);
    return answer;
  }

  forget(channel: string): void {
    this.#refused.delete(channel);
  }

  async #ask(channel: string): Promise<SubscriptionState> {
    const outcome = await this.ask(channel);
    if (outcome === 'refused') this.#refused.add(channel);
    else this.#refused.delete(channel);
    this.answered(channel, outcome);
    if (outcome !== 'refused') return outcome;
    throw new GatewayError('subscription_refused', 'forbidden', 'the upstream refuses this channel');
  }
}
