import { BayeuxHttp, type BayeuxReply, type BayeuxRequest } from '@gw/bayeux';
import { type Clock, GatewayError, type UserId } from '@gw/kernel';
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

export interface UserBayeuxHttpOptions {
  readonly user: UserId;
  readonly api: CometdApi;
  readonly upstream: UpstreamSessions;
  readonly right: Right;
  readonly clock: Clock;
  /** What the owner before has left. */
  readonly saved?: SavedSession | undefined;
}

/**
 * Between polls in doubt, in milliseconds. If nobody else polls, it is often enough for a server that forgets
 * sessions after ten seconds; if somebody does, each poll of ours ends one of theirs.
 */
const IN_DOUBT_PAUSE_MS = 4_000;
const LOOK_EVERY_MS = 100;

/**
 * Bayeux requests of one user to one API: with the user's bearer and cookies, and with the Bayeux
 * server's own cookie, which belongs to this one Bayeux session alone. In a jar shared by users, or by
 * two APIs of one host, the server would take them for tabs of one browser and hold no poll.
 */
export class UserBayeuxHttp extends BayeuxHttp {
  readonly #origin: string;
  #browserCookie: string | undefined;
  #generation: number | undefined;

  constructor(private readonly options: UserBayeuxHttpOptions) {
    super();
    const { upstream, api, saved } = options;
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
    const { user, api, upstream, right } = this.options;
    if (request.poll && right.isInDoubt()) await this.#untilNoDoubt(request);
    if (request.isHandshake) {
      // A second session beside that of the next owner would be one too many.
      if (!(await right.confirm())) throw notOurs();
      this.#browserCookie = undefined;
    } else if (this.#isOutlived) return { kind: 'session-lost' };
    const answer = await upstream.request(user, api.name, {
      method: 'POST',
      path: request.url.slice(this.#origin.length),
      body: request.body,
      timeoutMs: request.timeoutMs,
      cancellation: request.cancellation,
      cookies: this.#browserCookie === undefined ? [] : [this.#browserCookie],
      bearer: api.cometd.bearer,
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

  /**
   * Where another owner may be polling, what we take may be what they are owed. Without acknowledgements it would be
   * lost, so then there is no poll before it is known whose the session is; the server keeps what comes meanwhile.
   */
  async #untilNoDoubt({ poll, cancellation }: BayeuxRequest): Promise<void> {
    const { right, clock } = this.options;
    const until = poll === 'acknowledged' ? clock.now() + IN_DOUBT_PAUSE_MS : Infinity;
    while (right.isInDoubt()) {
      if (clock.now() >= until || cancellation.isCancelled) return;
      await new Promise<void>((resolve) => {
        const timer = clock.schedule(resolve, LOOK_EVERY_MS);
        cancellation.whenCancelled(() => {
          timer.cancel();
          resolve();
        });
      });
    }
    if (!(await right.confirm())) throw notOurs();
  }

  get #isOutlived(): boolean {
    const { user, api, upstream } = this.options;
    return this.#generation !== upstream.generation(user, api.name);
  }

  #keepBrowserCookie(setCookies: readonly string[]): void {
    const { browserCookie } = this.options.api.cometd;
    const line = setCookies.findLast((each) => cookieName(each) === browserCookie);
    if (line !== undefined) this.#browserCookie = line.split(';', 1)[0]?.trim();
  }
}

const notOurs = () => new GatewayError('ownership_lost', 'unavailable', 'not ours any more');
