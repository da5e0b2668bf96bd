import {
  type BayeuxHttp,
  type BayeuxListener,
  type BayeuxSession,
  endSaved,
  HandshakePacer,
} from '@gw/bayeux';
import { CometdSession } from '@gw/bayeux/cometd';
import { BayeuxSessions, type FanoutEvents } from '@gw/fanout';
import { type ApiName, type Clock } from '@gw/kernel';
import { type UpstreamProfile } from '@gw/upstream';

/** Bayeux sessions by the cometd library; the handshakes of all users at one API take turns. */
export class CometdSessions extends BayeuxSessions {
  readonly #pacers: ReadonlyMap<ApiName, HandshakePacer>;

  constructor(
    profile: UpstreamProfile,
    private readonly clock: Clock,
    events: FanoutEvents,
  ) {
    super();
    this.#pacers = new Map(
      profile.apis.flatMap(({ name, cometd }) => {
        return cometd
          ? [[name, new ReportingPacer(name, cometd.handshakesPerSecond, clock, events)] as const]
          : [];
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

class ReportingPacer extends HandshakePacer {
  constructor(
    private readonly api: ApiName,
    perSecond: number,
    clock: Clock,
    private readonly events: FanoutEvents,
  ) {
    super(perSecond, clock);
  }

  override reserve(): number {
    this.events.handshake(this.api);
    return super.reserve();
  }
}
