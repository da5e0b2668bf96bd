import { eventually } from '@gw/kernel/testing';
import { type Cluster } from './cluster.js';
import { faultsIn } from './history.js';
import { Listener } from './listener.js';
import { NumberStream } from './number-stream.js';
import { type Person } from './person.js';

const API = 'workspace';
const VOICE = '/workspace/v3/voice';
const REQUEST = '/api/workspace/v3/current-session';
const PUBLISH_EVERY_MS = 50;
const REQUEST_EVERY_MS = 250;
const REQUEST_TIMEOUT_MS = 10_000;
const PATIENCE_MS = 40_000;

/** A person at work: a socket at each gateway, numbered notifications, and requests to each gateway. */
export class Traffic {
  readonly #stream: NumberStream;
  readonly #requests: NodeJS.Timeout;
  #answers: number[] = [];

  private constructor(
    private readonly cluster: Cluster,
    private readonly person: Person,
    readonly listeners: readonly Listener[],
  ) {
    const { control } = cluster.simulator;
    this.#stream = new NumberStream(control, person.userName, API, VOICE, PUBLISH_EVERY_MS);
    this.#requests = setInterval(() => this.#request(), REQUEST_EVERY_MS);
  }

  static async start(cluster: Cluster, userName: string): Promise<Traffic> {
    const person = await cluster.signIn(userName, cluster.gateways[0]);
    const urls = cluster.gateways.map(({ url }) => url);
    const listeners = urls.map((url) => {
      const addresses: [string, ...string[]] = [url, ...urls.filter((other) => other !== url)];
      return new Listener({ person, api: API, channel: VOICE, addresses });
    });
    for (const listener of listeners) await listener.connected();
    const traffic = new Traffic(cluster, person, listeners);
    await traffic.flows();
    return traffic;
  }

  get published(): number {
    return this.#stream.published.length;
  }

  get seen() {
    return this.cluster.simulator.control.seen(this.person.userName).apis.workspace;
  }

  get gaps(): string[] {
    return this.listeners.flatMap(({ gaps }) => gaps);
  }

  /** How requests were answered since this was asked last, each status once, sorted. */
  statuses(): number[] {
    return [...new Set(this.#answers.splice(0))].sort();
  }

  /** Waits until what is published from now on arrives everywhere, and requests are answered as they should be. */
  async flows(): Promise<void> {
    await this.#heardEverywhere(this.published);
    await eventually(async () => {
      for (const { url } of this.cluster.gateways) {
        const { status } = await this.person.through(url).request(REQUEST);
        if (status !== 200) throw new Error(`${url}: ${status}`);
      }
    }, PATIENCE_MS);
  }

  /** Stops publishing, waits for the last of it, and gives each listener's faults. */
  async faults(): Promise<string[][]> {
    this.stopRequests();
    await this.#heardEverywhere(this.#stream.stop());
    return this.faultsSoFar(this.published);
  }

  /** Of the first `count` numbers; none that was heard is left out. */
  faultsSoFar(count?: number): string[][] {
    return this.listeners.map(({ heard }) => {
      const last = heard.findLast((item) => item !== 'gap') ?? -1;
      return faultsIn(this.#stream.published.slice(0, count ?? last + 1), heard);
    });
  }

  stopRequests(): void {
    clearInterval(this.#requests);
  }

  close(): void {
    this.stopRequests();
    this.#stream.stop();
    for (const listener of this.listeners) listener.close();
  }

  async #heardEverywhere(number: number): Promise<void> {
    await eventually(() => {
      const last = this.listeners.map(({ heard }) => heard.findLast((item) => item !== 'gap') ?? -1);
      if (last.some((each) => each < number)) throw new Error(`${number} is not heard: ${last.join()}`);
    }, PATIENCE_MS);
  }

  #request(): void {
    for (const { url } of this.cluster.gateways) {
      const deadline = new Promise<{ status: number }>((resolve) => {
        setTimeout(() => resolve({ status: 0 }), REQUEST_TIMEOUT_MS).unref();
      });
      void Promise.race([this.person.through(url).request(REQUEST), deadline])
        .catch(() => ({ status: 0 }))
        .then(({ status }) => this.#answers.push(status));
    }
  }
}
