import { type ApiName } from '@gw/kernel';
import { matches } from '@gw/upstream';

/** Most channels that one client may ask for. */
export const MAX_CHANNELS = 100;

/** The channels of one client, by API. */
export class ChannelFilter {
  readonly #patterns = new Map<ApiName, Set<string>>();
  #size = 0;

  /** False when it was in there already. */
  add(api: ApiName, channel: string): boolean {
    const patterns = this.#patterns.get(api) ?? new Set();
    if (patterns.has(channel)) return false;
    this.#patterns.set(api, patterns.add(channel));
    this.#size += 1;
    return true;
  }

  /** False when it was not in there. An API stays, also without channels: its state is still told. */
  remove(api: ApiName, channel: string): boolean {
    if (!this.#patterns.get(api)?.delete(channel)) return false;
    this.#size -= 1;
    return true;
  }

  /** Always true for a channel that is in there already. */
  hasRoomFor(api: ApiName, channel: string): boolean {
    return this.#size < MAX_CHANNELS || this.#patterns.get(api)?.has(channel) === true;
  }

  get apis(): ApiName[] {
    return [...this.#patterns.keys()];
  }

  hasApi(api: ApiName): boolean {
    return this.#patterns.has(api);
  }

  lets(api: ApiName, channel: string): boolean {
    const patterns = this.#patterns.get(api);
    if (!patterns) return false;
    if (patterns.has(channel)) return true;
    for (const pattern of patterns) if (matches(pattern, channel)) return true;
    return false;
  }

  *[Symbol.iterator](): Generator<readonly [ApiName, string]> {
    for (const [api, patterns] of this.#patterns) for (const pattern of patterns) yield [api, pattern];
  }
}
