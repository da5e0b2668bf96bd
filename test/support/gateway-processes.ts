import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '@gw/kernel/testing';
import { BackgroundProcess } from './background-process.js';

const MAIN = fileURLToPath(new URL('../../apps/gateway/dist/main.js', import.meta.url));
const READY_DEADLINE_MS = 90_000;
const REPORTED_LINES = 60;

export type Environment = Readonly<Record<string, string>>;

/** The built gateway as a process, on a port of 127.0.0.1 that it keeps over restarts. */
export class GatewayProcess {
  #process: BackgroundProcess;

  private constructor(
    readonly name: string,
    readonly port: number,
    private readonly folder: string,
    private environment: Environment,
  ) {
    this.#process = this.#launch();
  }

  /** Resolves when it is ready. */
  static async start(name: string, port: number, environment: Environment): Promise<GatewayProcess> {
    const folder = await mkdtemp(join(tmpdir(), `${name}-`));
    const own = { INSTANCE_ID: name, HOST: '127.0.0.1', PORT: String(port) };
    const gateway = new GatewayProcess(name, port, folder, { ...own, ...environment });
    try {
      await gateway.ready();
    } catch (error) {
      await gateway.close();
      throw error;
    }
    return gateway;
  }

  /** Past any load balancer. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get isRunning(): boolean {
    return this.#process.isRunning;
  }

  /** Everything it logged, over all restarts. */
  log(): string {
    return this.#process.output();
  }

  /** The end of its log, for people. */
  report(): string {
    const lines = this.log().trimEnd().split('\n').slice(-REPORTED_LINES);
    const state = this.isRunning ? 'runs' : 'has ended';
    return [`--- ${this.name} (${state})`, ...lines].join('\n');
  }

  /** The status of `GET /health/ready`; undefined when it does not answer. */
  async readiness(): Promise<number | undefined> {
    const signal = AbortSignal.timeout(1_000);
    const answer = await fetch(`${this.url}/health/ready`, { signal }).catch(() => undefined);
    await answer?.body?.cancel();
    return answer?.status;
  }

  async ready(): Promise<void> {
    await eventually(async () => {
      const status = this.isRunning ? await this.readiness() : undefined;
      if (status !== 200 && this.isRunning) throw new Error(`not ready (${status}):\n${this.report()}`);
    }, READY_DEADLINE_MS);
    if (!this.isRunning) throw new Error(this.report());
  }

  /** Asks it to leave, as an orchestrator does. Resolves with its exit code. */
  terminate(): Promise<number | null> {
    return this.#process.stop('SIGTERM');
  }

  async kill(): Promise<void> {
    await this.#process.stop('SIGKILL');
  }

  /** It does nothing from now on, and knows nothing of it. */
  pause(): void {
    this.#process.signal('SIGSTOP');
  }

  resume(): void {
    this.#process.signal('SIGCONT');
  }

  /** After `terminate` or `kill`; `changes` stay for later restarts. Resolves when it is ready. */
  async restart(changes: Environment = {}): Promise<void> {
    if (this.isRunning) throw new Error(`${this.name} runs`);
    this.environment = { ...this.environment, ...changes };
    this.#process = this.#launch();
    await this.ready();
  }

  /** Kills it and removes what it left. */
  async close(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  #launch(): BackgroundProcess {
    const { environment, folder } = this;
    return new BackgroundProcess({ command: process.execPath, parameters: [MAIN], environment, folder });
  }
}
