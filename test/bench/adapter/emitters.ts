import { randomBytes } from 'node:crypto';
import { BenchProcess } from '../measuring/bench-process.js';
import { type Load } from '../measuring/open-loop.js';
import { type RedisProcess } from '../measuring/redis-process.js';
import { type Candidate, publishTo } from '../notifications/candidate.js';
import type { SocketClients } from '../notifications/socket-clients.js';
import { type EmitMode } from './emit-mode.js';
import type { Emitter } from './emitter.js';

export interface EmitterOptions {
  readonly redis: RedisProcess;
  /** The sockets are at another process than the one that emits. */
  readonly isApart: boolean;
}

/** One emitter, or two of which one has the sockets. */
export async function startEmitter(mode: EmitMode, load: Load, options?: EmitterOptions): Promise<Candidate> {
  const environment = {
    EMIT_MODE: mode,
    ...(options && { REDIS_URL: options.redis.url }),
    REDIS_PREFIX: `bench-${randomBytes(4).toString('hex')}`,
    SESSION_KEY: randomBytes(32).toString('base64'),
  };
  const start = () =>
    new BenchProcess<Emitter>(`emitter, ${mode}`, new URL('./emitter.js', import.meta.url), {
      place: 'measured',
      environment,
    });
  const emitter = start();
  const processes = options?.isApart ? [emitter, start()] : [emitter];
  const clients = new BenchProcess<SocketClients>(
    `clients, ${mode}`,
    new URL('../notifications/socket-clients.js', import.meta.url),
    { place: 'beside' },
  );
  const { from, to } = load;
  await emitter.call('own', { from, to });
  const url = await (processes.at(-1) ?? emitter).ready();
  await clients.call('connect', { from, to, url, byNumber: true });
  return { processes, clients, publish: publishTo(emitter, load), redis: options?.redis };
}
