import { type ChildProcess, spawn } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// By its path: vitest starts its global set-up without our export conditions.
import { eventually } from '../../libs/kernel/src/testing/eventually.js';
import { freePort } from './free-port.js';
import { Redis } from 'ioredis';

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  readonly pid: number;
  /** Its working folder, where dumps go. */
  readonly folder: string;
  /** SIGKILL by default; resolves when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** On the same port, with the same options, after `stop`. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;

/**
 * A redis-server of the test's own on loopback, without persistence unless `options` say otherwise.
 *
 * @param configuration a file that it reads first: a copy, as a failover writes into it
 */
export async function startRedis(
  options: readonly string[] = [],
  configuration?: string,
): Promise<RedisServer> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'redis-'));
  const file = join(folder, 'redis.conf');
  await (configuration === undefined ? writeFile(file, '') : copyFile(configuration, file));
  const own = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const parameters = [file, ...own, ...options];
  let server = await launch(parameters, port);
  const stop = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal);
    await ended;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return server.pid!;
    },
    folder,
    stop,
    restart: async () => {
      server = await launch(parameters, port);
    },
    close: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(parameters: readonly string[], port: number): Promise<ChildProcess> {
  const server = spawn('redis-server', parameters, { stdio: 'ignore' });
  let failure: Error | undefined;
  server.once('error', (error) => (failure = error));
  server.once('exit', () => (failure ??= new Error(`redis-server ended: ${parameters.join(' ')}`)));
  // What the client says of itself by itself has nobody to hear that it timed out.
  const own = { disableClientInfo: true };
  const patience = { ...own, retryStrategy: () => 20, maxRetriesPerRequest: null, commandTimeout: 500 };
  const client = new Redis({ port, host: '127.0.0.1', ...patience });
  client.on('error', () => {});
  try {
    await eventually(async () => {
      if (failure) throw failure;
      await client.ping();
    }, START_TIMEOUT_MS);
  } finally {
    client.disconnect();
  }
  return server;
}
