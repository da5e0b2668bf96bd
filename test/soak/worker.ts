import { type Simulator } from '@gw/simulator';
import { type ClientHistory, type UserHistory } from '../support/checker/user-history.js';
import { NumberStream } from '../support/number-stream.js';
import { type Person } from '../support/person.js';
import { RecordingClient } from '../support/recording-client.js';
import { type Cluster } from '../support/start-cluster.js';
import { type Random } from './random.js';

export const API = 'workspace';
const VOICE = '/workspace/v3/voice';
const TRIES = 30;
const TRY_AGAIN_MS = 1_000;

export interface WorkerOptions {
  readonly cluster: Cluster;
  readonly userName: string;
  readonly tabs: number;
  readonly periodMs: number;
  readonly addresses: readonly [string, ...string[]];
  readonly random: Random;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A user at work: signed in, some tabs, a notification every now and then. */
export class Worker {
  /** Of all tabs, also of those that were closed. */
  readonly clients: RecordingClient[] = [];
  /** Logins that were needed although nobody had logged out. */
  unwantedLogins = 0;
  /** When each access token was ended, ms since the epoch. */
  readonly expiredAt: number[] = [];
  #person: Person | undefined;
  #stream: NumberStream | undefined;
  #busy = false;

  constructor(private readonly options: WorkerOptions) {}

  get userName(): string {
    return this.options.userName;
  }

  get open(): RecordingClient[] {
    return this.clients.filter(({ isClosed, isSignedOut }) => !isClosed && !isSignedOut);
  }

  get stream(): NumberStream {
    if (!this.#stream) throw new Error(`${this.userName} has not begun`);
    return this.#stream;
  }

  get seen() {
    return this.#control.seen(this.userName);
  }

  /** Signs in and opens the tabs. */
  async begin(): Promise<void> {
    await this.#signIn();
    for (let tab = 0; tab < this.options.tabs; tab += 1) this.#attach();
  }

  publish(): void {
    const { userName, periodMs } = this.options;
    this.#stream = new NumberStream(this.#control, userName, API, VOICE, periodMs);
  }

  /** One of its tabs loses its connection. */
  drop(random: Random): void {
    if (this.open.length > 0) random.one(this.open).drop();
  }

  /** One of its tabs is closed, and another one opened. */
  reopen(random: Random): void {
    if (this.open.length === 0) return;
    random.one(this.open).close();
    this.#attach();
  }

  /** @param withinMs how long sockets may live after that */
  async logOut(withinMs: number): Promise<void> {
    if (this.#busy || !this.#person) return;
    this.#busy = true;
    // Their sockets may end before the answer is here.
    const clients = this.open;
    try {
      const { status } = await this.#person.post('/auth/logout').catch(() => ({ status: 0 }));
      if (status !== 204) return;
      for (const client of clients) {
        client.noteRevocation(withinMs);
        client.stayAway();
      }
      await this.begin();
    } finally {
      this.#busy = false;
    }
  }

  expireToken(): void {
    this.expiredAt.push(Date.now());
    this.#control.expireAccessTokens(this.userName);
  }

  /** Whoever has lost the session without having logged out signs in again. */
  async lookAfter(): Promise<void> {
    if (this.#busy || !this.clients.some(({ isSignedOut, isClosed }) => isSignedOut && !isClosed)) return;
    this.#busy = true;
    this.unwantedLogins += 1;
    for (const client of this.clients.filter(({ isSignedOut }) => isSignedOut)) client.close();
    for (const client of this.open) client.close();
    await this.begin().finally(() => (this.#busy = false));
  }

  /** Whether every open tab has heard this number, or one after it. */
  hasHeardSince(number: number): boolean {
    const { published } = this.stream;
    const hasHeard = (client: RecordingClient) => {
      for (let newer = number; newer < published.length; newer += 1)
        if (client.heardAt.has(newer)) return true;
      return false;
    };
    return this.open.length > 0 && this.open.every(hasHeard);
  }

  /** @param machineFaults when these were on */
  history(machineFaults: readonly { readonly from: number; readonly to: number }[]): UserHistory {
    const { tokens, apis } = this.seen;
    const isStruck = (at: number) =>
      machineFaults.some(({ from, to }) => from < at + 30_000 && to > at - 15_000);
    return {
      user: this.userName,
      published: this.stream.log,
      clients: this.clients.map((client): ClientHistory => client.history(this.open.includes(client))),
      polls: { [API]: apis.workspace.polls },
      tokens: {
        endedLives: this.expiredAt.length,
        redemptions: tokens.refreshToken,
        interrupted: this.expiredAt.filter(isStruck).length,
      },
    };
  }

  close(): void {
    this.#stream?.stop();
    for (const client of this.clients) client.close();
  }

  get #control(): Simulator['control'] {
    return this.options.cluster.simulator.control;
  }

  async #signIn(): Promise<void> {
    const { cluster, userName } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const person = cluster.person(userName);
        await person.signIn();
        this.#person = person;
        return;
      } catch (error) {
        if (attempt === TRIES) throw error;
        await pause(TRY_AGAIN_MS);
      }
    }
  }

  #attach(): void {
    const { cluster, addresses, random } = this.options;
    const name = `tab ${this.clients.length + 1}`;
    const pauseMs = () => random.between(100, 1_000);
    const who = { name, person: this.#person!, url: cluster.url };
    this.clients.push(new RecordingClient({ ...who, addresses, api: API, channel: VOICE, pauseMs }));
  }
}
