import { GatewayError, SystemClock } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { expect, it } from 'vitest';
import { type BayeuxListener, type BayeuxState, type Inbound } from '../bayeux-session.js';
import { HandshakePacer } from '../handshake-pacer.js';
import { BayeuxServer } from '../testing/bayeux-server.js';
import { DurableLog } from '../testing/durable-log.js';
import { FetchHttp } from '../testing/fetch-http.js';
import { CometdSession } from './cometd-session.js';

const VOICE = '/workspace/v3/voice';
const SEED = 20_261_124;
const TAKEOVERS = 49;
const CUT_OFF_MS = 1_000;

/** When a process is abandoned, or what happens to it beside. */
const moments = [
  'in the middle of a poll',
  'before it stored a batch',
  'while it stores a batch',
  'right after it stored a batch',
  'after a write that was carried out and reported as failed',
  'only when it is refused, polling on beside its successor',
  'only when it is refused, cut off from the log beside its successors until then',
] as const;
type Moment = (typeof moments)[number];

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Numbers between 0 and 1, always the same ones (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One process that owns the session for a while. */
class Owner implements BayeuxListener {
  readonly http: FetchHttp;
  readonly session: CometdSession;
  /** Its part is over, by the moment it was made for. */
  readonly over: Promise<void>;
  receivedTooLate = 0;
  /** A poll failed: the server ends the first of two that are held for one session, whose ever it is. */
  interruptions = 0;
  readonly #fence: number;
  #end = () => {};
  #abandoned = false;
  #failedOnce = false;
  #isCutOff = false;

  constructor(
    url: string,
    private readonly log: DurableLog,
    private readonly random: () => number,
    private readonly moment: Moment | undefined,
    cookie?: string,
  ) {
    this.#fence = log.own();
    this.http = new FetchHttp(cookie);
    const clock = new SystemClock();
    const pacer = new HandshakePacer(100, clock);
    this.session = new CometdSession({ url, http: this.http, listener: this, pacer, clock });
    this.over = new Promise((resolve) => (this.#end = resolve));
  }

  async receive(inbound: Inbound): Promise<void> {
    if (this.#abandoned) this.receivedTooLate += 1;
    const carries = inbound.messages.length > 0;
    if (carries && this.moment === 'before it stored a batch') this.abandon();
    if (carries && this.moment === 'while it stores a batch')
      setTimeout(() => this.abandon(), this.random() * 6);
    await sleep(this.random() * 5);
    if (this.#isCutOff) throw unavailable();
    try {
      this.log.write(this.#fence, inbound);
    } catch (error) {
      this.abandon();
      throw error;
    }
    if (!carries) return;
    if (this.moment === 'right after it stored a batch') queueMicrotask(() => this.abandon());
    if (this.moment === 'after a write that was carried out and reported as failed' && !this.#failedOnce) {
      this.#failedOnce = true;
      setTimeout(() => this.abandon(), 300 + this.random() * 600);
      throw unavailable();
    }
  }

  stateChanged(state: BayeuxState): void {
    if (state === 'interrupted') this.interruptions += 1;
  }

  /** Resolves when a successor may come. */
  async finish(): Promise<void> {
    if (this.moment === 'in the middle of a poll') {
      await sleep(this.random() * 60);
      this.abandon();
    }
    if (this.moment === 'only when it is refused, polling on beside its successor') {
      await sleep(this.random() * 60);
      return;
    }
    if (this.moment === 'only when it is refused, cut off from the log beside its successors until then') {
      await sleep(this.random() * 60);
      this.#isCutOff = true;
      setTimeout(() => (this.#isCutOff = false), CUT_OFF_MS);
      return;
    }
    await this.over;
  }

  abandon(): void {
    this.#abandoned = true;
    this.session.abandon();
    this.#end();
  }
}

const unavailable = () => new GatewayError('state_unavailable', 'unavailable', 'no answer');

it(`loses and doubles nothing over ${TAKEOVERS} takeovers at any moment, with one handshake`, async () => {
  const random = numbers(SEED);
  const log = new DurableLog();
  const server = await BayeuxServer.start({ timeoutMs: 30_000, maxIntervalMs: 60_000 });
  const owners: Owner[] = [];
  let published = 0;
  let publishing = true;

  async function publish(): Promise<void> {
    while (publishing) {
      for (let n = Math.floor(random() * 4); n > 0; n -= 1) server.publish(VOICE, published++);
      await sleep(random() * 12);
    }
  }

  try {
    let owner = new Owner(server.url, log, random, undefined);
    owners.push(owner);
    owner.session.start([VOICE]);
    await eventually(() => expect(server.subscribers(VOICE)).toBe(1));
    const publisher = publish();
    await eventually(() => expect(log.data.length).toBeGreaterThan(0));
    owner.abandon();
    for (let n = 0; n < TAKEOVERS; n += 1) {
      owner = new Owner(server.url, log, random, moments[n % moments.length], owner.http.cookie);
      owners.push(owner);
      owner.session.resume(log.saved!, [VOICE], [VOICE]);
      await owner.finish();
    }
    owner = new Owner(server.url, log, random, undefined, owner.http.cookie);
    owners.push(owner);
    owner.session.resume(log.saved!, [VOICE], [VOICE]);
    publishing = false;
    await publisher;
    const all = Array.from({ length: published }, (_, n) => n);
    await eventually(() => expect(log.data.length).toBeGreaterThanOrEqual(all.length), 20_000);
    expect(log.data).toEqual(all);
    expect(server.count('/meta/handshake')).toBe(1);
    // Whoever is in doubt after a failed poll asks once more.
    const doubts = owners.reduce((sum, { interruptions }) => sum + interruptions, 0);
    expect(server.count('/meta/subscribe')).toBeLessThanOrEqual(1 + doubts);
    expect(log).toMatchObject({ sessionStarts: 1, losses: 0, broken: [] });
    expect(owners.map(({ receivedTooLate }) => receivedTooLate)).toEqual(owners.map(() => 0));
    // Else this test never saw a batch delivered again.
    expect(log.repeated).toBeGreaterThan(0);
  } finally {
    publishing = false;
    for (const { session } of owners) session.abandon();
    await server.close();
  }
}, 90_000);
