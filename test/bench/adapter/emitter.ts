// Process: a Socket.IO server that is told to notify users, in one of several ways.
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { formatCursor, type Holding, type Journal, type JournalEntry } from '@gw/journal';
import { RedisJournal } from '@gw/journal/redis';
import { asApiName, asInstanceId, asUserId, Keyring, Secret, SystemClock, type UserId } from '@gw/kernel';
import { type Lease } from '@gw/ownership';
import { RedisInstances, RedisLeases } from '@gw/ownership/redis';
import { Keyspace, parseRedisUrl, RedisConnections, RedisEvents } from '@gw/redis';
import { createShardedAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server, type Socket } from 'socket.io';
import { openLoop } from '../measuring/open-loop.js';
import { ready, serve } from '../measuring/serve.js';
import { inParallel } from '../platform/in-parallel.js';
import { benchEvent, CHANNEL, userName } from '../platform/bench-event.js';
import type { PublishRequest } from '../platform/platform.js';
import { type EmitMode } from './emit-mode.js';

const API = asApiName('workspace');
const READY_WITHIN_MS = 10_000;
/** As large as what is saved of a session: that stays the same, and the acknowledgement moves on with each batch. */
const STATE = 'x'.repeat(350);
const SESSION = 'x'.repeat(22);

const environment = process.env;
const mode = environment.EMIT_MODE as EmitMode;
const clock = new SystemClock();
const server = createServer();
const io = new Server(server, { transports: ['websocket'] });
if (mode === 'sharded' || mode === 'stored, sharded') {
  const client = () => new Redis(environment.REDIS_URL ?? '');
  io.adapter(createShardedAdapter(client(), client()));
}
const stored = mode === 'journal' || mode === 'stored, sharded' ? await openJournal() : undefined;
const leases = new Map<UserId, Lease>();
let acks = 0;

io.on('connection', (socket) => {
  const { user } = socket.handshake.auth as { user: number };
  const id = asUserId(userName(user));
  const joined =
    mode === 'journal' ? stored?.journal.listen(id, (entries) => tell(socket, entries)) : socket.join(id);
  Promise.resolve(joined).then(
    () => socket.emit('ready', { apis: {} }),
    () => socket.disconnect(true),
  );
});

async function openJournal(): Promise<{ journal: Journal; leases: RedisLeases }> {
  const redis = new RedisConnections(
    parseRedisUrl(environment.REDIS_URL ?? ''),
    clock,
    new (class extends RedisEvents {})(),
  );
  await redis.ready(READY_WITHIN_MS);
  const keys = new Keyspace(environment.REDIS_PREFIX ?? '');
  const keyring = new Keyring([{ id: 'bench', key: new Secret(environment.SESSION_KEY ?? '') }]);
  const self = asInstanceId(`emitter-${process.pid}`);
  const instances = new RedisInstances(redis, keys, clock, { self });
  await instances.start();
  const limits = { maxLength: 1_000, ttlMs: 600_000 };
  return {
    journal: new RedisJournal(redis, keys, keyring, clock, limits),
    leases: new RedisLeases(redis, keys, keyring, instances),
  };
}

/** As the owner of a CometD session has it before it may write. */
async function own({ from, to }: { readonly from: number; readonly to: number }): Promise<void> {
  await inParallel({ from, to }, async (user) => {
    const id = asUserId(userName(user));
    const claim = await stored?.leases.claim(id, API);
    if (claim) leases.set(id, claim.lease);
    // An owner hears of what it appends also where it has no clients.
    await stored?.journal.listen(id, () => {});
  });
}

/** As the fan-out does: to each socket by itself. */
function tell(socket: Socket, entries: readonly JournalEntry[]): void {
  for (const entry of entries) {
    if (entry.kind !== 'notification') continue;
    emit(socket, formatCursor(entry.position), entry.data, entry.receivedAt);
  }
}

function emit(
  to: { emit(event: string, payload: object): unknown },
  cursor: string,
  data: unknown,
  receivedAt: number,
): void {
  const at = new Date(receivedAt).toISOString();
  to.emit('notification', { cursor, api: API, channel: CHANNEL, data, receivedAt: at });
}

const holdingOf = (lease: Lease, ack: number): Holding => ({
  api: API,
  lease,
  follows: `${SESSION}:${ack - 1}`,
  saved: { state: STATE, mark: `${SESSION}:${ack}` },
});

async function append(user: UserId, data: unknown): Promise<void> {
  const lease = leases.get(user);
  const entry = { kind: 'notification', api: API, channel: CHANNEL, data, receivedAt: clock.now() } as const;
  const ack = (acks += 1);
  await stored?.journal.append(user, [entry], lease && holdingOf(lease, ack));
}

/** What is refused or lost is missed by the clients, and so in the table. */
async function notify(user: UserId, run: number): Promise<void> {
  const data = benchEvent(run);
  if (stored) await append(user, data);
  if (mode !== 'journal') emit(io.to(user), `${user}.1`, data, clock.now());
}

function publish({ run, ...load }: PublishRequest): Promise<number> {
  return openLoop(load, (user) => void notify(asUserId(userName(user)), run).catch(() => {}));
}

const commands = { own, publish };
export type Emitter = typeof commands;

server.listen(0, '127.0.0.1', () => {
  serve(commands);
  ready(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
