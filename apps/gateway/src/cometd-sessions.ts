import {
  type BayeuxHttp,
  type BayeuxListener,
  type BayeuxSession,
  endSaved,
  HandshakePacer,
} from '@gw/bayeux';
import { CometdSession } from '@gw/bayeux/cometd';
import { BayeuxSessions } from '@gw/fanout';
import { type ApiName, type Clock } from '@gw/kernel';
import { type UpstreamProfile } from '@gw/upstream';

/** Bayeux sessions by the cometd library; the handshakes of all users at one API take turns. */
export class CometdSessions extends BayeuxSessions {
  readonly #pacers: ReadonlyMap<ApiName, HandshakePacer>;

  constructor(
    profile: UpstreamProfile,
    private readonly clock: Clock,
  ) {
    super();
    this.#pacers = new Map(
      profile.apis.flatMap(({ name, cometd }) => {
        return cometd ? [[name, new HandshakePacer(cometd.handshakesPerSecond, clock)] as const] : [];
      }),
    );
  }

  override create(api: ApiName, url: string, http: BayeuxHttp, listener: BayeuxListener): BayeuxSession {
    const pacer = this.#pacers.get(api);
    if (!pacer) throw new Error(`${api} has no CometD endpoint`);
    return new CometdSession({ url, http, listener, pacer, clock: this.clock });
  }

  override endSaved(url: string, http: BayeuxHttp, state: string): Promise<void> {
    return endSaved({ url, http, state, clock: this.clock });
  }
}
