import { randomUUID } from 'node:crypto';
import { type KeyStore, type KeyStoreLimits } from '@gw/idempotency';
import { MemoryKeyStore } from '@gw/idempotency/memory';
import { RedisKeyStore } from '@gw/idempotency/redis';
import { type Journal } from '@gw/journal';
import { MemoryJournal } from '@gw/journal/memory';
import { RedisJournal } from '@gw/journal/redis';
import { asInstanceId, type Clock, Keyring } from '@gw/kernel';
import { type RateLevels } from '@gw/limits';
import { MemoryRateLevels } from '@gw/limits/memory';
import { RedisRateLevels } from '@gw/limits/redis';
import {
  type AccessHandles,
  type AuthorizationCodes,
  type DeviceSockets,
  type RefreshFamilies,
} from '@gw/native';
import {
  MemoryAccessHandles,
  MemoryAuthorizationCodes,
  MemoryDeviceSockets,
  MemoryRefreshFamilies,
} from '@gw/native/memory';
import {
  RedisAccessHandles,
  RedisAuthorizationCodes,
  RedisDeviceSockets,
  RedisRefreshFamilies,
} from '@gw/native/redis';
import { type Board, type Instances, type Leases, type Locks } from '@gw/ownership';
import { MemoryBoard, MemoryCluster, MemoryInstances, MemoryLeases, MemoryLocks } from '@gw/ownership/memory';
import { RedisBoard, RedisInstances, RedisLeases, RedisLocks } from '@gw/ownership/redis';
import { Keyspace, RedisConnections, type RedisEvents } from '@gw/redis';
import { type SessionFeed, type SessionStore } from '@gw/sessions';
import { MemorySessionFeed, MemorySessionStore } from '@gw/sessions/memory';
import { RedisSessionFeed, RedisSessionStore } from '@gw/sessions/redis';
import { type LoginAttempts, type RefreshPauses } from '@gw/tokens';
import { MemoryLoginAttempts, MemoryRefreshPauses } from '@gw/tokens/memory';
import { RedisLoginAttempts, RedisRefreshPauses } from '@gw/tokens/redis';
import { type UpstreamStateStore } from '@gw/upstream';
import { MemoryUpstreamStates } from '@gw/upstream/memory';
import { RedisUpstreamStates } from '@gw/upstream/redis';
import { type Config } from './config.js';

/** All that the instances of one gateway share, and how to reach it. */
export interface SharedState {
  readonly sessionStore: SessionStore;
  readonly sessionFeed: SessionFeed;
  readonly loginAttempts: LoginAttempts;
  readonly refreshPauses: RefreshPauses;
  readonly accessHandles: AccessHandles;
  readonly authorizationCodes: AuthorizationCodes;
  readonly refreshFamilies: RefreshFamilies;
  readonly deviceSockets: DeviceSockets;
  readonly upstreamStates: UpstreamStateStore;
  readonly journal: Journal;
  readonly instances: Instances;
  readonly leases: Leases;
  readonly locks: Locks;
  readonly board: Board;
  readonly idempotencyKeys: KeyStore;
  readonly rateLevels: RateLevels;
  /** Whether it outlives this process, for others to go on from. */
  readonly isShared: boolean;
  /** Whether it can be reached; without it, nobody new should be sent here. */
  isReachable(): boolean;
  /** Joins the others; an instance that starts before its Redis goes on trying. @throws {GatewayError} `state_unavailable`. */
  join(): Promise<void>;
  /** Leaves the cluster and lets go. Idempotent. */
  close(): Promise<void>;
}

/** A heartbeat comes every second; this long without one, load balancers should look elsewhere. */
const REACHABLE_WITHIN_MS = 2_500;

/** How long the start waits for Redis, in milliseconds. */
const CONNECTED_WITHIN_MS = 5_000;

/** At 64 KiB an answer, a user's keys take 32 MiB at the very most; answers to commands have a few hundred bytes. */
const IDEMPOTENCY_LIMITS: KeyStoreLimits = { windowMs: 3_600_000, maxKeys: 500 };

/** Everything in this process: one instance only, gone with it. */
export function embeddedState(config: Config, clock: Clock): SharedState {
  const cluster = new MemoryCluster(clock);
  const instances = new MemoryInstances(asInstanceId(config.instanceId), cluster);
  const leases = new MemoryLeases(instances);
  return {
    sessionStore: new MemorySessionStore(clock),
    sessionFeed: new MemorySessionFeed(),
    loginAttempts: new MemoryLoginAttempts(clock),
    refreshPauses: new MemoryRefreshPauses(clock),
    accessHandles: new MemoryAccessHandles(clock),
    authorizationCodes: new MemoryAuthorizationCodes(clock),
    refreshFamilies: new MemoryRefreshFamilies(clock),
    deviceSockets: new MemoryDeviceSockets(clock),
    upstreamStates: new MemoryUpstreamStates(),
    journal: new MemoryJournal(config.journal, clock, leases),
    instances,
    leases,
    locks: new MemoryLocks(cluster),
    board: new MemoryBoard(leases),
    idempotencyKeys: new MemoryKeyStore(clock, IDEMPOTENCY_LIMITS),
    rateLevels: new MemoryRateLevels(clock),
    isShared: false,
    isReachable: () => true,
    join: () => instances.start(),
    close: () => instances.close(),
  };
}

/** Everything in Redis. Begins to connect and returns at once; `instances.start()` joins the cluster. */
export function redisState(
  config: Config,
  redisConfig: NonNullable<Config['redis']>,
  clock: Clock,
  events: RedisEvents,
): SharedState {
  const redis = new RedisConnections(redisConfig.target, clock, events);
  const keys = new Keyspace(redisConfig.prefix);
  const keyring = new Keyring(config.sessions.keys);
  // A name may be used again after a crash, while others still take its former bearer for alive.
  const self = asInstanceId(`${config.instanceId}-${randomUUID().slice(0, 8)}`);
  const instances = new RedisInstances(redis, keys, clock, { self });
  return {
    sessionStore: new RedisSessionStore(redis, keys, keyring),
    sessionFeed: new RedisSessionFeed(redis, keys),
    loginAttempts: new RedisLoginAttempts(redis, keys, keyring),
    refreshPauses: new RedisRefreshPauses(redis, keys),
    accessHandles: new RedisAccessHandles(redis, keys),
    authorizationCodes: new RedisAuthorizationCodes(redis, keys, keyring),
    refreshFamilies: new RedisRefreshFamilies(redis, keys),
    deviceSockets: new RedisDeviceSockets(redis, keys),
    upstreamStates: new RedisUpstreamStates(redis, keys, keyring),
    journal: new RedisJournal(redis, keys, keyring, clock, config.journal),
    instances,
    leases: new RedisLeases(redis, keys, keyring, instances),
    locks: new RedisLocks(redis, keys, clock),
    board: new RedisBoard(redis, keys, instances),
    idempotencyKeys: new RedisKeyStore(redis, keys, keyring, IDEMPOTENCY_LIMITS),
    rateLevels: new RedisRateLevels(redis, keys),
    isShared: true,
    isReachable: () => redis.isReady && instances.cutOffMs() < REACHABLE_WITHIN_MS,
    join: async () => {
      await redis.ready(CONNECTED_WITHIN_MS).catch(() => {});
      await instances.start();
    },
    close: async () => {
      await instances.close();
      redis.close();
    },
  };
}
