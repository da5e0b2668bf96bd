import { type ChannelRequest } from '@gw/contract';
import { type ApiName, GatewayError } from '@gw/kernel';
import {
  type CometdSettings,
  covers,
  isChannel,
  isChannelPattern,
  type UpstreamApi,
  type UpstreamProfile,
} from '@gw/upstream';
import { ChannelFilter } from './channel-filter.js';

export type CometdApi = UpstreamApi & { readonly cometd: CometdSettings };

/** Which channels of which APIs a client may have. */
export class ChannelPolicy {
  readonly #apis: ReadonlyMap<string, CometdApi>;

  constructor(profile: UpstreamProfile) {
    this.#apis = new Map(profile.apis.filter(hasCometd).map((api) => [api.name, api]));
  }

  /** Another version of the gateway may know other APIs. */
  has(name: ApiName): boolean {
    return this.#apis.has(name);
  }

  api(name: ApiName): CometdApi {
    return this.#require(name);
  }

  /** @throws {GatewayError} `unknown_api`, `bad_channel` or `channel_not_allowed`. */
  check({ api: name, channel }: ChannelRequest): CometdApi {
    const api = this.#require(name);
    if (!isChannelPattern(channel)) {
      throw new GatewayError('bad_channel', 'bad_request', 'channel is not a Bayeux channel or wildcard');
    }
    if (!api.cometd.allowedChannels.some((allowed) => covers(allowed, channel))) {
      throw new GatewayError(
        'channel_not_allowed',
        'forbidden',
        `this channel of ${name} is not open to clients`,
      );
    }
    return api;
  }

  /** @throws {GatewayError} `unknown_api`, `bad_channel` or `channel_not_allowed`. */
  checkPublish({ api: name, channel }: ChannelRequest): CometdApi {
    const api = this.#require(name);
    if (!isChannel(channel))
      throw new GatewayError('bad_channel', 'bad_request', 'channel is not a Bayeux channel');
    if (!api.cometd.publishChannels.some((allowed) => covers(allowed, channel))) {
      throw new GatewayError(
        'channel_not_allowed',
        'forbidden',
        `clients may not publish to this channel of ${name}`,
      );
    }
    return api;
  }

  /** What a client gets: the channels it names, or the default channels of every API. */
  filterFor(requests: readonly ChannelRequest[] | undefined): ChannelFilter {
    const filter = new ChannelFilter();
    for (const { api, channel } of requests ?? this.#defaults()) {
      const { name } = this.check({ api, channel });
      if (!filter.hasRoomFor(name, channel)) throw tooManyChannels();
      filter.add(name, channel);
    }
    return filter;
  }

  *#defaults(): Generator<ChannelRequest> {
    for (const { name, cometd } of this.#apis.values()) {
      for (const channel of cometd.defaultChannels) yield { api: name, channel };
    }
  }

  #require(name: string): CometdApi {
    const api = this.#apis.get(name);
    if (!api)
      throw new GatewayError('unknown_api', 'bad_request', 'there is no API of this name with notifications');
    return api;
  }
}

export function tooManyChannels(): GatewayError {
  return new GatewayError('too_many_channels', 'bad_request', 'this client has too many channels');
}

function hasCometd(api: UpstreamApi): api is CometdApi {
  return api.cometd !== undefined;
}
