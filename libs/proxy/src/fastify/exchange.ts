import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type ApiName, GatewayError } from '@gw/kernel';
import { type Prepared, type UpstreamSessions, upstreamTimeout } from '@gw/upstream';
import { asUpstreamError } from '@gw/upstream/undici';
import { type Agent } from 'undici';
import { type Admission } from '../admissions.js';
import { clientHasGone } from '../errors.js';
import { type HeaderFields, requestHeaders } from '../request-headers.js';
import { type Answer, type AnswerHead, discard, isRefusal, misfitOf } from './answer.js';
import { AnswerReader, type Sender } from './answer-reader.js';
import { failureOf } from './failure-of.js';
import { type ProxyClient } from './proxy-options.js';
import { type RequestBody } from './request-body.js';

export type Ready = Extract<Prepared, { kind: 'ready' }>;
export type Done = (outcome: Answer | GatewayError) => void;

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
 * its deadline.
 */
export class Exchange implements Sender {
  #ready: Ready | undefined;
  #reader: AnswerReader | undefined;
  /** Why it was aborted. */
  #reason: Error | undefined;
  #hasBegun = false;
  #clientIsGone = false;
  #repeated = false;
  #deadline: NodeJS.Timeout | undefined;
  #done: Done = () => {};

  constructor(
    private readonly agent: Agent,
    private readonly upstream: UpstreamSessions,
    private readonly passage: Passage,
    private readonly timeoutMs: number,
  ) {}

  /** `done` gets the answer, or why there is none; once, and never when the client has gone. */
  start(ready: Ready, done: Done): void {
    this.#done = done;
    if (!this.passage.outlivesClient) this.passage.outgoing.on('close', () => this.#onClientClose());
    this.#startDeadline();
    this.#send(ready);
  }

  onBegun({ headers }: AnswerHead): void {
    this.#hasBegun = true;
    const { admission, client, api } = this.passage;
    admission.answered();
    const setCookie = headers['set-cookie'];
    if (setCookie !== undefined) this.upstream.remember(client.user, api, [setCookie].flat());
  }

  onAnswer(answer: Answer): void {
    if (this.#ready && isRefusal(answer.status) && this.#mayRepeat()) void this.#recover(answer, this.#ready);
    else this.#deliver(answer);
  }

  onFailure(error: Error): void {
    const reason = error instanceof GatewayError ? error : asUpstreamError(error);
    const failure = this.#hasBegun ? undefined : failureOf(reason);
    // An upload that the client broke off says nothing of the upstream.
    if (failure && !this.#clientIsGone && !this.passage.incoming.errored)
      this.passage.admission.failed(failure);
    this.#settle(reason);
  }

  #send(ready: Ready): void {
    const { search, body, incoming, headers = incoming.headers } = this.passage;
    const { method = 'GET' } = incoming;
    this.#ready = ready;
    this.#reader = new AnswerReader(this, method);
    this.agent.dispatch(
      {
        origin: ready.origin,
        method: method,
        path: search === '' ? ready.path : ready.path + search,
        headers: requestHeaders(headers, ready.headers, body.kind !== 'none'),
        body: bytesOf(body),
        // The deadline here also covers the wait for a free connection.
        headersTimeout: 0,
        bodyTimeout: this.timeoutMs,
      },
      this.#reader,
    );
  }

  #mayRepeat(): boolean {
    return !this.#repeated && this.passage.body.kind !== 'streamed';
  }

  async #recover(refusal: Answer, used: Ready): Promise<void> {
    this.#repeated = true;
    const again = await this.#prepareAgain(refusal.status === 401 ? 401 : 403, used);
    if (this.#reason) {
      discard(refusal);
      this.onFailure(this.#reason);
    } else if (again) {
      discard(refusal);
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
    if (misfit || this.#clientIsGone) discard(answer);
    this.#settle(misfit ?? answer);
  }

  #settle(outcome: Answer | GatewayError): void {
    clearTimeout(this.#deadline);
    if (!this.#clientIsGone) this.#done(outcome);
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
    this.#abort(clientHasGone());
  }

  #abort(reason: Error): void {
    this.#reason = reason;
    this.#reader?.abort(reason);
  }
}

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
