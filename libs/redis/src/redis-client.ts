import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { AgreedPrimary } from './agreed-primary.js';
import { type RedisTarget } from './redis-target.js';

export type RedisClient = Redis | Cluster;

/** Without the one that the library's own types cannot take as undefined. */
type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

/** Longest wait for a connection, and for the answer to a command, in milliseconds. */
export const REDIS_TIMEOUT_MS = 2_000;
const MAX_RECONNECT_MS = 1_000;

const reconnectDelayMs = (attempt: number): number =>
  Math.min(50 * 2 ** Math.min(attempt, 5), MAX_RECONNECT_MS) * (0.75 + Math.random() / 2);

/**
 * Nothing waits in a queue for a Redis that is gone: commands fail at once, and the caller decides. A
 * command is never sent twice, for it may have been carried out the first time.
 */
function optionsOf(target: RedisTarget): ConnectionOptions {
  const { username, password, tls, database } = target;
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password: password.reveal() }),
    ...(tls && { tls: {} }),
    db: database,
    connectTimeout: REDIS_TIMEOUT_MS,
    // A server that is silent for this long is given up, with all that waits for it.
    socketTimeout: 2 * REDIS_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    enableAutoPipelining: false,
  };
}

/** The connection for commands: reconnects by itself, to whichever server is the primary then. */
export function openCommands(target: RedisTarget): RedisClient {
  const options = optionsOf(target);
  if (target.kind === 'cluster') {
    return new Cluster(
      target.addresses.map((address) => ({ ...address })),
      {
        redisOptions: options,
        enableOfflineQueue: false,
        clusterRetryStrategy: reconnectDelayMs,
        slotsRefreshTimeout: REDIS_TIMEOUT_MS,
        slotsRefreshInterval: 5_000,
        retryDelayOnFailover: 100,
        retryDelayOnClusterDown: 100,
        maxRedirections: 8,
      },
    );
  }
  return new Redis({
    ...options,
    ...serverOf(target),
    enableOfflineQueue: false,
    retryStrategy: reconnectDelayMs,
    // After a failover the old primary may still answer, as a replica.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
}

/** A connection to listen with. It is not made again when it breaks: the caller opens another. */
export function openListener(target: RedisTarget, commands: RedisClient): Redis {
  return new Redis({
    ...optionsOf(target),
    ...(commands instanceof Cluster ? anyNodeOf(commands, target) : serverOf(target)),
    lazyConnect: true,
    retryStrategy: null,
  });
}

function serverOf({ kind, addresses, masterName, password, username, tls }: RedisTarget): ConnectionOptions {
  const [first] = addresses;
  if (kind !== 'sentinel') return { ...first };
  return {
    sentinels: addresses.map((address) => ({ ...address })),
    name: masterName ?? '',
    // Sentinels of one installation have the same login as their servers, or none.
    ...(password !== undefined && { sentinelPassword: password.reveal() }),
    ...(username !== undefined && { sentinelUsername: username }),
    enableTLSForSentinelMode: tls,
    sentinelRetryStrategy: reconnectDelayMs,
    sentinelCommandTimeout: REDIS_TIMEOUT_MS,
    Connector: AgreedPrimary,
  };
}

/** What is published reaches every node of a cluster, so that any will do. */
function anyNodeOf(commands: Cluster, { addresses }: RedisTarget): ConnectionOptions {
  const nodes = commands.nodes('all').filter(({ status }) => status === 'ready');
  const node = nodes[Math.floor(Math.random() * nodes.length)];
  const address = node ? { host: node.options.host, port: node.options.port } : addresses[0];
  return { ...(address?.host !== undefined && { host: address.host }), port: address?.port ?? 6_379 };
}
