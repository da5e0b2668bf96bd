import { eventually } from '@gw/kernel/testing';
import { Redis } from 'ioredis';
import { type GatewayProcess } from '../../support/gateway-processes.js';
import { type Deployment } from '../deployment.js';
import { Random } from '../random.js';
import { type MachineFault } from './fault-names.js';
import { type Scheduled } from './schedule.js';

const PATIENCE_MS = 60_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

/** A fault about to strike. */
export interface Strike {
  /** For people. */
  readonly what: string;
  /** The gateway that it kills, if it does. */
  readonly kills?: GatewayProcess;
  /** Resolves when everything runs again. */
  readonly strike: () => Promise<void>;
}

/** Undefined where there is nothing that could be struck so. */
export function machineFault(
  { fault, lastsMs, seed }: Scheduled<MachineFault>,
  { cluster, cables, sentinels }: Deployment,
  spareFirst: boolean,
): Strike | undefined {
  const random = new Random(seed);
  const gateway = random.one(cluster.gateways);
  const mortal = random.one(cluster.gateways.slice(spareFirst ? 1 : 0));
  const cable = cables[cluster.gateways.indexOf(gateway)]!;
  switch (fault) {
    case 'kill':
      return {
        what: `kill -9 ${mortal.name}, back after ${seconds(lastsMs)}`,
        kills: mortal,
        strike: async () => {
          await mortal.kill();
          await pause(lastsMs);
          await mortal.restart();
        },
      };
    case 'freeze':
      return {
        what: `SIGSTOP ${gateway.name} for ${seconds(lastsMs)}`,
        strike: async () => {
          gateway.pause();
          await pause(lastsMs);
          gateway.resume();
          await gateway.ready();
        },
      };
    case 'terminate':
      return {
        what: `SIGTERM ${mortal.name}, back after ${seconds(lastsMs)}`,
        strike: async () => {
          const exitCode = await mortal.terminate();
          if (exitCode !== 0) throw new Error(`${mortal.name} ended with ${exitCode}`);
          await pause(lastsMs);
          await mortal.restart();
        },
      };
    case 'cut':
    case 'reset':
      if (cable.proxies.length === 0) return undefined;
      return {
        what: `${fault === 'cut' ? 'no packet passes' : 'connections are refused'} between ${gateway.name} and Redis for ${seconds(lastsMs)}`,
        strike: async () => {
          for (const proxy of cable.proxies)
            if (fault === 'cut') proxy.blackHole();
            else proxy.reset();
          await pause(lastsMs);
          for (const proxy of cable.proxies) proxy.heal();
          await gateway.ready();
        },
      };
    case 'redis-hang':
      return (
        sentinels && {
          what: `Redis hangs for ${seconds(lastsMs)}`,
          strike: async () => {
            const { pid } = await primaryOf(sentinels);
            process.kill(pid, 'SIGSTOP');
            await pause(lastsMs);
            process.kill(pid, 'SIGCONT');
            await allReady(cluster.gateways);
          },
        }
      );
    case 'redis-failover':
      return (
        sentinels && {
          what: 'kill -9 the primary of Redis, the replica takes over',
          strike: async () => {
            const primary = await primaryOf(sentinels);
            await primary.stop('SIGKILL');
            await eventually(async () => {
              if ((await sentinels.primaryPort()) === primary.port) throw new Error('No failover');
            }, PATIENCE_MS);
            await primary.restart();
            await follows(primary.port);
            await allReady(cluster.gateways);
          },
        }
      );
  }
}

async function primaryOf(redis: NonNullable<Deployment['sentinels']>) {
  return (await redis.primaryPort()) === redis.first.port ? redis.first : redis.second;
}

/** The server has become a replica, and has everything. */
async function follows(port: number): Promise<void> {
  const client = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: null });
  client.on('error', () => {});
  try {
    await eventually(async () => {
      const replication = await client.info('replication');
      if (!replication.includes('master_link_status:up')) throw new Error(replication);
    }, PATIENCE_MS);
  } finally {
    client.disconnect();
  }
}

async function allReady(gateways: readonly GatewayProcess[]): Promise<void> {
  await Promise.all(gateways.map((gateway) => gateway.ready()));
}
