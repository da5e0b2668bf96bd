import { type ApiName, type UserId } from '@gw/kernel';
import { type ChannelPolicy } from './channel-policy.js';
import { type ConnectionContext } from './connection-context.js';
import { parseSaved } from './saved-session.js';
import { type Right, UserBayeuxHttp } from './user-bayeux-http.js';

/** Nothing is made anew, and nothing is polled. */
const NO_RIGHT: Right = { confirm: () => Promise.resolve(false), isInDoubt: () => false };

/**
 * Ends CometD sessions that another instance owns: takes the lease, at which the owner stops, and tells the
 * upstream in its place. The order of a logout is kept so, and the farewell's token need not travel.
 */
export class RemoteEnd {
  constructor(
    private readonly policy: ChannelPolicy,
    private readonly context: ConnectionContext,
  ) {}

  /** Never throws: what is left behind upstream ends there by itself. */
  async end(user: UserId): Promise<void> {
    const { board, upstream, events } = this.context;
    try {
      const view = await board.read(user);
      await upstream.load(user);
      const left = [...view].filter(([api, { lease, report }]) => this.policy.has(api) && (lease ?? report));
      await Promise.all(left.map(([api]) => this.#endOne(user, api)));
    } catch (error) {
      events.boardFailed(user, error);
    }
  }

  async #endOne(user: UserId, name: ApiName): Promise<void> {
    const { leases, board, bayeux, upstream, clock } = this.context;
    const { lease, saved: left } = await leases.seize(user, name);
    const saved = parseSaved(left?.state);
    const isAlive = saved?.generation === upstream.generation(user, name);
    if (saved && isAlive) {
      const api = this.policy.api(name);
      const http = new UserBayeuxHttp({ user, api, upstream, right: NO_RIGHT, clock, saved });
      await bayeux.endSaved(upstream.originOf(name) + api.cometd.path, http, saved.bayeux);
    }
    await board.report(user, name, lease, undefined);
    await leases.release(user, name, lease, 'forget');
  }
}
