import { BayeuxHttp, type BayeuxReply, type BayeuxRequest } from '@gw/bayeux';
import { GatewayError, type UserId } from '@gw/kernel';
import { cookieName, type UpstreamSessions } from '@gw/upstream';
import { type CometdApi } from './channel-policy.js';
import { type SavedSession } from './saved-session.js';

/** What is known of the right to the Bayeux session. */
export interface Right {
  /** Whether it is still ours to make. @throws {GatewayError} `state_unavailable` */
  confirm(): Promise<boolean>;
  /** Another instance may have gone on with it by now, and we cannot find out. */
  isInDoubt(): boolean;
}

/**
 * Between polls in doubt, in milliseconds. If nobody else polls, it is often enough for a server that forgets
 * sessions after ten seconds; if somebody does, each poll of ours ends one of theirs.
 */
const IN_DOUBT_PAUSE_MS = 4_000;

/**
 * Bayeux requests of one user to one API: with the user's bearer and cookies, and with the Bayeux
 * server's own cookie, which belongs to this one Bayeux session alone. In a jar shared by users, or by
 * two APIs of one host, the server would take them for tabs of one browser and hold no poll.
 */
export class UserBayeuxHttp extends BayeuxHttp {
  readonly #origin: string;
  #browserCookie: string | undefined;
  #generation: number | undefined;

  constructor(
    private readonly user: UserId,
    private readonly api: CometdApi,
    private readonly upstream: UpstreamSessions,
    private readonly right: Right,
    saved?: SavedSession,
  ) {
    super();
    this.#origin = upstream.originOf(api.name);
    this.#browserCookie = saved?.browserCookie;
    this.#generation = saved?.generation;
  }

  get browserCookie(): string | undefined {
    return this.#browserCookie;
  }

  /** The upstream session in which the Bayeux session was made; undefined before the first handshake. */
  get generation(): number | undefined {
    return this.#generation;
  }

  override async post(request: BayeuxRequest): Promise<BayeuxReply> {
    if (request.isHandshake) {
      // A second session beside that of the next owner would be one too many.
      if (!(await this.right.confirm()))
        throw new GatewayError('ownership_lost', 'unavailable', 'not ours any more');
      this.#browserCookie = undefined;
    } else if (this.#isOutlived) return { kind: 'session-lost' };
    const answer = await this.upstream.request(this.user, this.api.name, {
      method: 'POST',
      path: request.url.slice(this.#origin.length),
      body: request.body,
      timeoutMs: request.timeoutMs,
      cancellation: request.cancellation,
      cookies: this.#browserCookie === undefined ? [] : [this.#browserCookie],
      bearer: this.api.cometd.bearer,
    });
    if (answer.kind === 'signed-out') return { kind: 'refused', reason: 'signed_out' };
    if (answer.kind === 'unavailable') {
      throw new GatewayError('token_unavailable', 'unavailable', 'no access token just now');
    }
    this.#keepBrowserCookie(answer.setCookies);
    if (request.isHandshake) this.#generation = answer.generation;
    else if (this.#isOutlived) return { kind: 'session-lost' };
    // 401 is a reply like 503: the token may only be renewable again in a moment.
    if (answer.status === 403) return { kind: 'refused', reason: 'forbidden' };
    return { kind: 'reply', status: answer.status, body: answer.body };
  }

  override connectPauseMs(): number {
    return this.right.isInDoubt() ? IN_DOUBT_PAUSE_MS : 0;
  }

  get #isOutlived(): boolean {
    return this.#generation !== this.upstream.generation(this.user, this.api.name);
  }

  #keepBrowserCookie(setCookies: readonly string[]): void {
    const { browserCookie } = this.api.cometd;
    const line = setCookies.findLast((each) => cookieName(each) === browserCookie);
    if (line !== undefined) this.#browserCookie = line.split(';', 1)[0]?.trim();
  }
}
