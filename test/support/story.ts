import { eventually } from '@gw/kernel/testing';
import { type Simulator } from '@gw/simulator';
import { faultsIn } from './history.js';
import { Listener } from './listener.js';
import { NumberStream } from './number-stream.js';
import { type Person } from './person.js';
import { type Stack } from './stack.js';

type Control = Simulator['control'];
type Seen = ReturnType<Control['seen']>;
type Fault = Parameters<Control['faults']['add']>[0];

export const VOICE = '/workspace/v3/voice';
const EVERY_MS = 25;
const PATIENCE_MS = 50_000;

/** What a person was told from the moment on that the platform misbehaved. */
export interface Told {
  /** Of the numbers: what is against the promise. */
  readonly faults: readonly string[];
  /** How often they were told that something may be missing. */
  readonly gaps: number;
  /** `state` or `state: reason`, in order. */
  readonly states: readonly string[];
  /** New CometD sessions. */
  readonly handshakes: number;
}

/** Somebody who listens to numbers of the Workspace, one every 25 ms, while the platform misbehaves. */
export class Story {
  readonly #before: Seen;
  readonly #states: number;

  private constructor(
    private readonly control: Control,
    readonly person: Person,
    readonly listener: Listener,
    readonly stream: NumberStream,
  ) {
    this.#before = this.seen;
    this.#states = listener.states.length;
  }

  /** Resolves when they hear the numbers. */
  static async begin(stack: Stack, userName: string): Promise<Story> {
    const { url, simulator } = stack;
    const person = await stack.signIn(userName);
    const listener = new Listener({ person, api: 'workspace', channel: VOICE, addresses: [url] });
    await listener.connected();
    const stream = new NumberStream(simulator.control, userName, 'workspace', VOICE, EVERY_MS);
    const story = new Story(simulator.control, person, listener, stream);
    await story.goesOn();
    return story;
  }

  get userName(): string {
    return this.person.userName;
  }

  get seen(): Seen {
    return this.control.seen(this.userName);
  }

  /** How much has happened at the platform since the beginning. */
  since(count: (seen: Seen) => number): number {
    return count(this.seen) - count(this.#before);
  }

  /** Resolves when it has struck for the last time. */
  async strike(...faults: readonly Omit<Fault, 'user'>[]): Promise<void> {
    for (const fault of faults) this.control.faults.add({ api: 'workspace', ...fault, user: this.userName });
    await eventually(() => {
      const left = this.control.faults.list().filter(({ user }) => user === this.userName);
      if (left.length > 0) throw new Error(`has not struck: ${JSON.stringify(left)}`);
    }, PATIENCE_MS);
  }

  /** Resolves when they hear a number that is published after this moment. */
  async goesOn(): Promise<void> {
    const next = this.stream.published.length;
    await eventually(() => {
      const last = this.listener.heard.findLast((item) => typeof item === 'number');
      if (last === undefined || last < next) throw new Error(`silent since ${last}: ${this.#account()}`);
    }, PATIENCE_MS);
  }

  /** Waits for what they should be told, and for the numbers to go on then; stops these, and waits for the last. */
  async end(expected: Omit<Told, 'faults'>): Promise<Told> {
    await eventually(() => {
      const { gaps, states, handshakes } = this.#told;
      const isComplete =
        states.length >= expected.states.length && gaps >= expected.gaps && handshakes >= expected.handshakes;
      if (!isComplete) throw new Error(`told only: ${this.#account()}`);
    }, PATIENCE_MS);
    await this.goesOn();
    const last = this.stream.stop();
    await eventually(() => {
      if (!this.listener.heard.includes(last)) throw new Error(`${last} does not come: ${this.#account()}`);
    }, PATIENCE_MS);
    this.listener.close();
    return { faults: faultsIn(this.stream.published, this.listener.heard), ...this.#told };
  }

  get #told(): Omit<Told, 'faults'> {
    return {
      gaps: this.listener.gaps.length,
      states: this.listener.states.slice(this.#states),
      handshakes: this.since(({ apis }) => apis.workspace.handshakes),
    };
  }

  #account(): string {
    return JSON.stringify([this.listener.states, this.listener.gaps]);
  }
}
