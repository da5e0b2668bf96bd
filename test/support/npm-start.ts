import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { eventually } from '@gw/kernel/testing';
import { freePort } from './free-port.js';

const REPOSITORY = new URL('../..', import.meta.url);
/** The build is part of it. */
const START_DEADLINE_MS = 90_000;

/** `npm start` as a newcomer types it, but on free ports. */
export class NpmStart {
  private constructor(
    readonly url: string,
    readonly output: () => string,
    private readonly npm: ChildProcess,
  ) {}

  /** Resolves when it says that the gateway is ready. */
  static async run(...options: string[]): Promise<NpmStart> {
    const [port, simulatorPort] = [await freePort(), await freePort()];
    const npm = spawn('npm', ['start', ...options], {
      cwd: REPOSITORY,
      env: { ...process.env, NODE_ENV: '', PORT: String(port), SIMULATOR_PORT: String(simulatorPort) },
      // As a terminal does: what runs in the foreground is one process group.
      detached: true,
    });
    let output = '';
    for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    const start = new NpmStart(`http://localhost:${port}`, () => output, npm);
    await start.#ready();
    return start;
  }

  async #ready(): Promise<void> {
    const ready = () => {
      if (this.npm.exitCode === null && !this.output().includes('The gateway is ready')) {
        throw new Error(`npm start is not ready: ${this.output()}`);
      }
    };
    await eventually(ready, START_DEADLINE_MS);
    if (this.npm.exitCode !== null) throw new Error(`npm start ended: ${this.output()}`);
  }

  /** All processes that run because of it, npm's own first. */
  processes(): number[] {
    return withDescendants(this.#pid);
  }

  /** What a service manager does. Resolves with npm's exit code. */
  terminate(): Promise<number | null> {
    return this.#end(() => this.npm.kill('SIGTERM'));
  }

  /** What a terminal does: the whole foreground gets the signal at once. */
  pressCtrlC(): Promise<number | null> {
    return this.#end(() => process.kill(-this.#pid, 'SIGINT'));
  }

  async #end(signal: () => void): Promise<number | null> {
    if (this.npm.exitCode !== null) return this.npm.exitCode;
    const exited = once(this.npm, 'exit');
    signal();
    const [code] = (await exited) as [number | null];
    return code;
  }

  get #pid(): number {
    if (this.npm.pid === undefined) throw new Error('npm was not found');
    return this.npm.pid;
  }
}

function withDescendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return [pid, ...children.flatMap((child) => withDescendants(Number(child)))];
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
