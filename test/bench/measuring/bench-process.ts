import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Probes } from './probe.js';
import { type CommandMessage, type ReplyMessage } from './serve.js';

/** Where a process runs: what is measured alone on one core, everything else on the other. */
type Place = 'measured' | 'beside';

export interface StartOptions {
  readonly place: Place;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly nodeOptions?: readonly string[] | undefined;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

type Run<C, Name extends keyof C> = C[Name] extends (argument: infer Argument) => infer Result
  ? { argument: Argument; result: Awaited<Result> }
  : never;

const ANSWER_WITHIN_MS = 300_000;
const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 5_000;
const CORE: Readonly<Record<Place, string>> = { measured: '0', beside: '1' };

const canPin = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;
const probe = new URL('./probe.js', import.meta.url).href;

export const pinned = (place: Place, command: readonly string[]): readonly string[] =>
  canPin ? ['taskset', '-c', CORE[place], ...command] : command;

export interface StartedProcess {
  readonly pid: number;
  stop(): Promise<void>;
  kill(): void;
}

/**
 * A process that the benchmark started and speaks to. `C`: the commands it serves, beside the probes; take
 * them by `import type`, for any other import of its module would run it here.
 */
export class BenchProcess<C> implements StartedProcess {
  static readonly all = new Set<StartedProcess>();
  readonly #pending = new Map<number, Pending>();
  readonly #child: ChildProcess;
  readonly #ready: Promise<string>;
  #commands = 0;

  /** Stops with the benchmark at the latest. */
  constructor(
    readonly name: string,
    script: URL,
    { place, environment = {}, nodeOptions = [] }: StartOptions,
  ) {
    const node = [process.execPath, '--expose-gc', ...nodeOptions, '--import', probe, fileURLToPath(script)];
    const [command = '', ...args] = pinned(place, node);
    this.#child = spawn(command, args, {
      env: { ...inherited(), ...environment },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    BenchProcess.all.add(this);
    this.#ready = new Promise((resolve, reject) => {
      this.#child.once('exit', () => reject(new Error(`${name} has exited`)));
      this.#child.on('message', (message: ReplyMessage) => {
        if ('ready' in message) resolve(message.ready);
        else this.#answered(message);
      });
    });
    // Not everybody waits for it; a process that has exited says so to whoever calls it.
    this.#ready.catch(() => {});
    this.#child.once('exit', () => this.#exited());
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The URL that the process announces. */
  ready(): Promise<string> {
    return within(READY_WITHIN_MS, `${this.name} to be ready`, this.#ready);
  }

  /** Waits until the process is ready: before, nobody in it would hear the command. */
  async call<Name extends keyof C & string>(
    command: Name,
    ...argument: unknown extends Run<C, Name>['argument'] ? [] : [Run<C, Name>['argument']]
  ): Promise<Run<C, Name>['result']> {
    await this.ready();
    // The type of the command says what its process answers.
    return await this.#send(command, argument[0]);
  }

  /** What every process can tell of itself, also one that does not know of the benchmark. */
  async probe<Name extends keyof Probes>(name: Name): Promise<Awaited<ReturnType<Probes[Name]>>> {
    return (await this.#send(name, undefined)) as Awaited<ReturnType<Probes[Name]>>;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.kill(), STOP_WITHIN_MS);
    await exit;
    clearTimeout(force);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #send(command: string, argument: unknown): Promise<unknown> {
    const id = (this.#commands += 1);
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    this.#child.send({ id, command, argument } satisfies CommandMessage);
    return within(ANSWER_WITHIN_MS, `${this.name} to answer ${command}`, answer);
  }

  #answered(message: Exclude<ReplyMessage, { ready: string }>): void {
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if ('error' in message) pending?.reject(new Error(`${this.name}: ${message.error}`));
    else pending?.resolve(message.result);
  }

  #exited(): void {
    BenchProcess.all.delete(this);
    for (const { reject } of this.#pending.values()) reject(new Error(`${this.name} has exited`));
    this.#pending.clear();
  }
}

/** The last started first: clients before what they are connected to. */
export async function stopAll(): Promise<void> {
  for (const child of [...BenchProcess.all].reverse()) await child.stop();
}

/** A measured process is configured by the benchmark alone. */
function inherited(): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
}

async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited ${ms / 1_000} s in vain for ${what}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
