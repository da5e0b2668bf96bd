import { GatewayError } from '@gw/kernel';
import { BayeuxHttp, type BayeuxReply, type BayeuxRequest } from '../bayeux-http.js';

/** Sends Bayeux requests by fetch, and keeps the cookies of one browser. */
export class FetchHttp extends BayeuxHttp {
  #cookie: string | undefined;

  constructor(cookie?: string) {
    super();
    this.#cookie = cookie;
  }

  /** What another process needs to be the same browser. */
  get cookie(): string | undefined {
    return this.#cookie;
  }

  override async post({ url, body, cancellation, isHandshake }: BayeuxRequest): Promise<BayeuxReply> {
    // A new session is a new browser: as a second one of the same it would be polled every two seconds.
    if (isHandshake) this.#cookie = undefined;
    const abort = new AbortController();
    cancellation.whenCancelled(() => abort.abort());
    try {
      const headers = { 'content-type': 'application/json', ...(this.#cookie && { cookie: this.#cookie }) };
      const response = await fetch(url, { method: 'POST', body, headers, signal: abort.signal });
      const [cookie] = response.headers.getSetCookie();
      if (cookie) this.#cookie = cookie.split(';')[0];
      return { kind: 'reply', status: response.status, body: await response.text() };
    } catch (error) {
      throw new GatewayError('upstream_unreachable', 'bad_gateway', 'no reply', { cause: error });
    } finally {
      cancellation.whenCancelled();
    }
  }
}
