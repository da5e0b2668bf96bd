import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

export interface Program {
  readonly command: string;
  readonly parameters: readonly string[];
  /** All of it: nothing of our own environment is passed on. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Where it works; default: here. */
  readonly cwd?: string | undefined;
  /** Where its output goes: a file, as some programs cannot write their log to a pipe. */
  readonly folder: string;
}

/** How much of the output is read at once, in bytes: the newest. */
const MAX_OUTPUT_BYTES = 20_000_000;
const STOP_DEADLINE_MS = 40_000;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A program that runs beside the test, until the test ends it; it does not outlive the test run. */
export class BackgroundProcess {
  readonly #child: ChildProcess;
  readonly #outputFile: string;
  readonly #ended: Promise<number | null>;
  #failure: Error | undefined;

  constructor({ command, parameters, environment = {}, cwd, folder }: Program) {
    this.#outputFile = join(folder, 'output');
    const output = openSync(this.#outputFile, 'a');
    this.#child = spawn(command, parameters, { env: environment, cwd, stdio: ['ignore', output, output] });
    closeSync(output);
    running.add(this.#child);
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', resolve);
      this.#child.once('error', (error) => {
        this.#failure = error;
        resolve(null);
      });
    });
    void this.#ended.then(() => running.delete(this.#child));
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw this.#failure ?? new Error('It was not started');
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return !this.#failure && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Everything it wrote so far. */
  output(): string {
    const file = openSync(this.#outputFile, 'r');
    try {
      const { size } = fstatSync(file);
      const bytes = Buffer.alloc(Math.min(size, MAX_OUTPUT_BYTES));
      readSync(file, bytes, 0, bytes.length, size - bytes.length);
      return bytes.toString();
    } finally {
      closeSync(file);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves with its exit code when it has ended; null when a signal ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.isRunning) this.#child.kill(signal);
    const deadline = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS);
    try {
      return await this.#ended;
    } finally {
      clearTimeout(deadline);
    }
  }
}
