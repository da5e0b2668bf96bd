import { EventEmitter } from 'node:events';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type ApiName, GatewayError } from '@gw/kernel';
import { type Prepared, type UpstreamSessions, upstreamTimeout, upstreamUnreachable } from '@gw/upstream';
import { asUpstreamError } from '@gw/upstream/undici';
import { type Agent } from 'undici';
import { type Admission } from '../admissions.js';
import { type HeaderFields, requestHeaders } from '../request-headers.js';
import { type Answer, isRefusal, isSmall, misfitOf } from './answer.js';
import { failureOf } from './failure-of.js';
import { type ProxyClient } from './proxy-options.js';
import { type RequestBody } from './request-body.js';

export type Ready = Extract<Prepared, { kind: 'ready' }>;
export type Done = (error: Error | null, answer?: Answer) => void;

/** One request on its way: whose it is, where it goes, and what it carries. */
export interface Passage {
  readonly client: ProxyClient;
  readonly admission: Admission;
  readonly api: ApiName;
  readonly path: string;
  readonly search: string;
  readonly body: RequestBody;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Header fields where they are not those of `incoming`. */
  readonly headers?: HeaderFields | undefined;
  /** The answer is wanted also when the client has gone. */
  readonly outlivesClient?: boolean | undefined;
}

/**
 * A request and the upstream's final answer to it. An answer of 401 or 403 to a request that can be repeated
 * is looked at here, before anything of it reaches the client, and the request sent once more if the
 * session could be recovered. The exchange ends early when the client goes away (nobody is told then) and at
 * its deadline. It is its own abort signal for undici: cheaper than an AbortController for each request.
 */
export class Exchange extends EventEmitter {
  /** Why it was aborted; undici reports it in place of its own error. */
  reason: Error | undefined;
  /** The answer's body, where it was small enough to be read before the answer is given. */
  whole: Buffer | undefined;
  #clientIsGone = false;
  #repeated = false;
  #deadline: NodeJS.Timeout | undefined;
  #done: Done = () => {};

  constructor(
    private readonly agent: Agent,
    private readonly upstream: UpstreamSessions,
    private readonly passage: Passage,
    private readonly timeoutMs: number,
  ) {
    super();
  }

  /** `done` gets the answer or a GatewayError, once; never when the client has gone. */
  start(ready: Ready, done: Done): void {
    this.#done = done;
    if (!this.passage.outlivesClient) this.passage.outgoing.once('close', () => this.#onClientClose());
    this.#startDeadline();
    this.#send(ready);
  }

  #send(ready: Ready): void {
    const { client, api, search, body, incoming, headers = incoming.headers } = this.passage;
    this.agent.request(
      {
        origin: ready.origin,
        method: incoming.method ?? 'GET',
        path: search === '' ? ready.path : ready.path + search,
        headers: requestHeaders(headers, ready.headers, body.kind !== 'none'),
        body: bytesOf(body),
        signal: this,
        // The deadline here also covers the wait for a free connection.
        headersTimeout: 0,
        bodyTimeout: this.timeoutMs,
      },
      (error, answer) => {
        if (error) {
          this.#onSilence(error);
          return;
        }
        this.passage.admission.answered();
        const setCookie = answer.headers['set-cookie'];
        if (setCookie !== undefined) this.upstream.remember(client.user, api, [setCookie].flat());
        if (isRefusal(answer.statusCode) && this.#mayRepeat()) void this.#recover(answer, ready);
        else this.#deliver(answer);
      },
    );
  }

  #onSilence(error: Error): void {
    const reason = error instanceof GatewayError ? error : asUpstreamError(error);
    const failure = failureOf(reason);
    // An upload that the client broke off says nothing of the upstream.
    if (failure && !this.#clientIsGone && !this.passage.incoming.errored)
      this.passage.admission.failed(failure);
    this.#settle(reason);
  }

  #mayRepeat(): boolean {
    return !this.#repeated && this.passage.body.kind !== 'streamed';
  }

  async #recover(refusal: Answer, used: Ready): Promise<void> {
    this.#repeated = true;
    // Until it is known whether the refusal is what the client gets, an error in its body is not news.
    refusal.body.on('error', ignore);
    const again = await this.#prepareAgain(refusal.statusCode === 401 ? 401 : 403, used);
    if (this.reason) {
      this.#settle(this.reason, refusal);
    } else if (again) {
      refusal.body.dump().catch(ignore);
      this.#send(again);
    } else {
      this.#deliver(refusal);
    }
  }

  /** Undefined when there is nothing to be gained; the upstream's own answer says enough then. */
  async #prepareAgain(status: 401 | 403, used: Ready): Promise<Ready | undefined> {
    const { client, api, path } = this.passage;
    try {
      const advice = await this.upstream.recover(client.user, api, status, used);
      if (advice === 'give-up') return undefined;
      const prepared = await this.upstream.prepare(client.user, api, path, client.session);
      return prepared.kind === 'ready' ? prepared : undefined;
    } catch (error) {
      if (error instanceof GatewayError) return undefined;
      throw error;
    }
  }

  #deliver(answer: Answer): void {
    const misfit = misfitOf(answer);
    if (misfit) {
      answer.body.on('error', ignore).destroy();
      this.#settle(misfit);
    } else if (isSmall(answer, this.passage.incoming.method)) {
      void this.#deliverWhole(answer);
    } else {
      this.#settle(null, answer);
    }
  }

  /** A stream costs the framework more than the rest of a small answer; and what breaks off here is a 502. */
  async #deliverWhole(answer: Answer): Promise<void> {
    try {
      this.whole = Buffer.from(await answer.body.arrayBuffer());
    } catch (error) {
      this.#settle(error instanceof Error ? error : upstreamUnreachable(error));
      return;
    }
    this.#settle(null, answer);
  }

  #settle(error: Error | null, answer?: Answer): void {
    clearTimeout(this.#deadline);
    if (this.#clientIsGone) answer?.body.on('error', ignore).destroy();
    else if (error) this.#done(error instanceof GatewayError ? error : asUpstreamError(error));
    else this.#done(null, answer);
  }

  #startDeadline(): void {
    this.#deadline = setTimeout(() => {
      // While the client is still sending, it is not the upstream that is late.
      if (this.passage.body.kind === 'streamed' && !this.passage.incoming.complete) this.#startDeadline();
      else this.#abort(upstreamTimeout());
    }, this.timeoutMs);
  }

  #onClientClose(): void {
    if (this.passage.outgoing.writableFinished) return;
    this.#clientIsGone = true;
    this.#abort(new Error('The client has gone'));
  }

  #abort(reason: Error): void {
    this.reason = reason;
    this.emit('abort');
  }
}

const ignore = () => {};

function bytesOf(body: RequestBody): Buffer | IncomingMessage | null {
  switch (body.kind) {
    case 'none':
      return null;
    case 'buffered':
      return body.bytes;
    case 'streamed':
      return body.source;
  }
}
