import { type ApiName, GatewayError, type Soon } from '@gw/kernel';
import { fingerprintOf, type KeyedRun } from '@gw/idempotency';
import { acceptedIn, type Expectation, withOutcome } from '@gw/outcomes';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Agent } from 'undici';
import { type Admission } from '../admissions.js';
import { bodyTooLargeForKey, clientHasGone } from '../errors.js';
import { saysNotMade } from '../not-made.js';
import { type HeaderFields } from '../request-headers.js';
import { type Answer } from './answer.js';
import { endWith } from './end-with.js';
import { Exchange, type Passage, type Ready } from './exchange.js';
import { failureOf } from './failure-of.js';
import { keptFrom, sendKept, sendMade } from './made.js';
import { type ProxyClient, type ProxyOptions } from './proxy-options.js';
import { type ClientAnswer } from './reply.js';
import { bodyOf, type RequestBody, wholeBodyOf } from './request-body.js';
import { wholeAnswerOf } from './whole-answer.js';
import { type Wishes } from './wishes.js';

/** A request that asks for more than to be passed on, and where it goes. */
export interface CommandPassage {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly client: ProxyClient;
  readonly api: ApiName;
  readonly path: string;
  readonly search: string;
  readonly wishes: Wishes;
}

/** What is needed to send a request: made before it is, so that a failure is known to have changed nothing. */
interface Departing {
  readonly exchange: Exchange;
  readonly ready: Ready;
  readonly admission: Admission;
  readonly expectation: Expectation | undefined;
}

export type Entrant = Pick<CommandPassage, 'client' | 'api' | 'path' | 'reply'>;

/** What every request passes. @throws {GatewayError} when it may not go on. */
export interface Entrance {
  enter(entrant: Entrant): Admission;
  /** Credentials for the request. */
  prepare(entrant: Entrant, admission: Admission): Soon<Ready>;
}

/** Answers up to this many bytes can be given again, or given an outcome. */
const MAX_KEPT_BYTES = 64 * 1024;

/** Requests that are to be made once (`Idempotency-Key`), or answered with their outcome (`Prefer: wait`). */
export class Commands {
  constructor(
    private readonly agent: Agent,
    private readonly options: ProxyOptions,
    private readonly entrance: Entrance,
  ) {}

  async pass(passage: CommandPassage): Promise<void> {
    const { request, wishes } = passage;
    const body = await (wishes.key === undefined ? bodyOf(request.raw) : wholeBodyOf(request.raw));
    if (!body) throw bodyTooLargeForKey();
    if (wishes.key === undefined) await this.#make(passage, body);
    else await this.#makeOnce(passage, body, wishes.key);
  }

  async #make(passage: CommandPassage, body: RequestBody): Promise<void> {
    sendMade(passage.reply, await this.#send(passage, await this.#departing(passage, body)));
  }

  async #makeOnce(passage: CommandPassage, body: RequestBody, key: string): Promise<void> {
    const { request, reply, client, path, search } = passage;
    const bytes = body.kind === 'buffered' ? body.bytes : undefined;
    const fingerprint = fingerprintOf(request.method, path + search, bytes);
    const begun = await this.options.idempotency?.begin(client.user, key, fingerprint);
    if (begun?.kind === 'first') sendMade(reply, await this.#run(passage, body, begun.run));
    else if (begun?.kind === 'repeat') sendKept(reply, begun.answer);
    else if (begun) {
      const { retryAfterMs, error } = begun;
      if (retryAfterMs !== undefined)
        reply.header('retry-after', Math.max(1, Math.ceil(retryAfterMs / 1_000)));
      throw error;
    }
  }

  /** Whatever happens, it is noted what became of the request. */
  async #run(passage: CommandPassage, body: RequestBody, run: KeyedRun): Promise<ClientAnswer> {
    let departing: Departing;
    try {
      departing = await this.#departing(passage, body);
    } catch (error) {
      await run.notMade();
      throw error;
    }
    let made: ClientAnswer;
    try {
      made = await this.#send(passage, departing);
    } catch (error) {
      await (failureOf(error) === 'unreachable' ? run.notMade() : run.unknown());
      throw error;
    }
    const kept = keptFrom(made);
    if (saysNotMade(made.status)) await run.notMade();
    else await (kept ? run.answered(kept) : run.unknown());
    return made;
  }

  /** What settles the command is listened for before anything is sent. */
  async #departing(passage: CommandPassage, body: RequestBody): Promise<Departing> {
    const { request, reply, client, api, path, search, wishes } = passage;
    const admission = this.entrance.enter(passage);
    const hasKey = wishes.key !== undefined;
    if (!hasKey) endWith(reply, admission);
    let expectation: Expectation | undefined;
    try {
      expectation = await this.#expectation(passage, body);
      const ready = await this.entrance.prepare(passage, admission);
      const target = expectation?.request ?? { search, body: undefined };
      const sent: Passage = {
        client,
        admission,
        api,
        path,
        search: target.search,
        body: target.body ? { kind: 'buffered', bytes: target.body } : body,
        incoming: request.raw,
        outgoing: reply.raw,
        headers: headersOf(request.raw.headers, wishes, target.body !== undefined && body.kind === 'none'),
        outlivesClient: hasKey,
      };
      if (reply.raw.destroyed && !hasKey) throw clientHasGone();
      const exchange = new Exchange(this.agent, this.options.upstream, sent, this.options.timeoutMs);
      return { exchange, ready, admission, expectation };
    } catch (error) {
      expectation?.end();
      if (hasKey) admission.end();
      throw error;
    }
  }

  async #expectation(passage: CommandPassage, body: RequestBody): Promise<Expectation | undefined> {
    const { client, api, path, search, wishes, reply } = passage;
    const { outcomes } = this.options;
    if (!outcomes || wishes.waitMs === undefined) return undefined;
    const expectation = await outcomes.expect({
      ...client,
      api,
      path,
      search,
      body: body.kind === 'buffered' ? body.bytes : undefined,
      hasNoBody: body.kind === 'none',
      waitMs: wishes.waitMs,
    });
    if (wishes.key === undefined) reply.raw.once('close', expectation.end);
    return expectation;
  }

  async #send({ reply, wishes }: CommandPassage, departing: Departing): Promise<ClientAnswer> {
    const { exchange, ready, admission, expectation } = departing;
    try {
      const answer = await new Promise<Answer>((resolve, reject) => {
        if (wishes.key === undefined) reply.raw.once('close', () => reject(clientHasGone()));
        exchange.start(ready, (outcome) => {
          if (outcome instanceof GatewayError) reject(outcome);
          else resolve(outcome);
        });
      });
      const body = await wholeAnswerOf(answer.body, MAX_KEPT_BYTES);
      const made = { status: answer.status, headers: answer.headers, body };
      return expectation ? await settled(made, expectation) : made;
    } finally {
      expectation?.end();
      // Without a key it ends with its reply.
      if (wishes.key !== undefined) admission.end();
    }
  }
}

/** With its outcome, if the upstream says that there will be one. */
async function settled(made: ClientAnswer, expectation: Expectation): Promise<ClientAnswer> {
  const { status, headers, body } = made;
  const isSuccess = status >= 200 && status <= 299;
  if (!isSuccess || body.kind !== 'whole' || !acceptedIn(body.bytes)) return made;
  const bytes = withOutcome(body.bytes, await expectation.replied());
  return { status, headers: { ...headers, 'preference-applied': 'wait' }, body: { kind: 'whole', bytes } };
}

/** Without what would keep us from reading the answer, and what the gateway does in the upstream's place. */
function headersOf(client: HeaderFields, { waitMs }: Wishes, isBodyOurs: boolean): HeaderFields {
  return {
    ...client,
    'accept-encoding': 'identity',
    // As long as the body is then.
    'content-length': undefined,
    ...(waitMs !== undefined && { prefer: undefined }),
    ...(isBodyOurs && { 'content-type': 'application/json' }),
  };
}
