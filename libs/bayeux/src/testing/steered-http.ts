import { type BayeuxReply, type BayeuxRequest } from '../bayeux-http.js';
import { FetchHttp } from './fetch-http.js';

/** Lets a test answer in place of the upstream. */
export class SteeredHttp extends FetchHttp {
  steer: (request: BayeuxRequest) => BayeuxReply | undefined = () => undefined;

  override async post(request: BayeuxRequest): Promise<BayeuxReply> {
    return this.steer(request) ?? (await super.post(request));
  }
}
