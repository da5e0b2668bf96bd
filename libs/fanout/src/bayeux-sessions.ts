import { type BayeuxHttp, type BayeuxListener, type BayeuxSession } from '@gw/bayeux';
import { type ApiName } from '@gw/kernel';

/** Makes Bayeux sessions; the application chooses by which library. */
export abstract class BayeuxSessions {
  /** `url` is the Bayeux endpoint of `api`. The session is not started yet. */
  abstract create(api: ApiName, url: string, http: BayeuxHttp, listener: BayeuxListener): BayeuxSession;

  /** Ends a session of which only its saved state is known. Never throws, and takes five seconds at most. */
  abstract endSaved(url: string, http: BayeuxHttp, state: string): Promise<void>;
}
