import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { freePort } from './free-port.js';
import { BenchProcess, pinned, type StartedProcess } from './bench-process.js';

/** What a Redis has done since it started. */
export interface RedisWork {
  /** By name, also those that scripts ran; without what only the benchmark asks. */
  readonly calls: ReadonlyMap<string, number>;
  readonly cpuMs: number;
}

const NOT_COUNTED = new Set(['info', 'ping', 'hello', 'client|setname', 'client|setinfo', 'command']);

/** A redis-server of the benchmark's own, without persistence, beside what is measured. */
export class RedisProcess implements StartedProcess {
  readonly #child: ChildProcess;
  readonly #client: Redis;
  readonly url: string;

  private constructor(port: number) {
    const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    const [command = '', ...args] = pinned('beside', ['redis-server', ...options]);
    this.#child = spawn(command, args, { stdio: 'ignore' });
    this.url = `redis://127.0.0.1:${port}`;
    this.#client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50, lazyConnect: true });
    // It is asked again until the server listens.
    this.#client.on('error', () => {});
    BenchProcess.all.add(this);
    this.#child.once('exit', () => BenchProcess.all.delete(this));
    // There is none to start.
    this.#child.once('error', () => this.#client.disconnect());
  }

  static async start(): Promise<RedisProcess> {
    const redis = new RedisProcess(await freePort());
    redis.#client.connect().catch(() => {});
    await redis.#client.ping();
    return redis;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async work(): Promise<RedisWork> {
    const [commands, cpu] = await Promise.all([this.#client.info('commandstats'), this.#client.info('cpu')]);
    const calls = new Map<string, number>();
    for (const [, name = '', count] of commands.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)) {
      if (!NOT_COUNTED.has(name)) calls.set(name, Number(count));
    }
    const seconds = [...cpu.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)].map(([, value]) => Number(value));
    return { calls, cpuMs: seconds.reduce((sum, value) => sum + value, 0) * 1_000 };
  }

  async stop(): Promise<void> {
    this.#client.disconnect();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exit;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** What Redis did for each of `operations`, between two looks. */
export interface RedisShare {
  /** Commands that were run, those within scripts as well. */
  readonly commands: number;
  /** Scripts that were sent: each is one journey there and back. */
  readonly scripts: number;
  readonly cpuUs: number;
  /** By command, the most frequent first. */
  readonly byCommand: readonly (readonly [name: string, share: number])[];
}

export function shareOf(before: RedisWork, after: RedisWork, operations: number): RedisShare {
  const byCommand = [...after.calls]
    .map(([name, calls]) => [name, (calls - (before.calls.get(name) ?? 0)) / operations] as const)
    .filter(([, share]) => share > 0)
    .toSorted(([, left], [, right]) => right - left);
  const sum = (names?: readonly string[]) =>
    byCommand.reduce((all, [name, share]) => (!names || names.includes(name) ? all + share : all), 0);
  return {
    commands: sum(),
    scripts: sum(['eval', 'evalsha']),
    cpuUs: ((after.cpuMs - before.cpuMs) * 1_000) / operations,
    byCommand,
  };
}
