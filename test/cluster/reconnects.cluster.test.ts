import { eventually } from '@gw/kernel/testing';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { RecordingClient } from '../support/recording-client.js';
import { commandsDuring } from '../support/redis-commands.js';
import { keysIn } from '../support/redis-contents.js';

const { RECONNECTING_USERS } = process.env;
const isLarge = RECONNECTING_USERS !== undefined;
const USERS = isLarge ? Number(RECONNECTING_USERS) : 100;
const SIGNING_IN_AT_ONCE = 10;
const PATIENCE_MS = 120_000;

const API = 'workspace';
const VOICE = '/workspace/v3/voice';

/** Of everything that the instances send to Redis: what an instance that hears of a user for the first time costs. */
const MOST_COMMANDS_ELSEWHERE = 10;
/** The same where the user's last socket was. */
const MOST_COMMANDS_HERE = 7;

describe('when all sockets of an instance break at once', () => {
  const cluster = useCluster({
    gateways: 2,
    environment: { SOCKET_ADMISSIONS_PER_S: isLarge ? '200' : '50' },
    simulator: { extraAgents: USERS },
  });

  it.each([
    ['another one', [0, ...Array<number>(60).fill(1)], MOST_COMMANDS_ELSEWHERE],
    ['the same one', [0], MOST_COMMANDS_HERE],
  ] as const)(
    `${USERS} come to %s: few commands of Redis, no token, no handshake, no lease`,
    async (_, turns, mostCommands) => {
      const { gateways, simulator, redis } = cluster();
      const client = new Redis({ port: redis!.port, host: '127.0.0.1' });
      const addresses = turns.map((index) => gateways[index]!.url) as [string, ...string[]];
      const clients = await attachAll(addresses);
      const seen = () => {
        const { tokens, apis } = simulator.control.seenTotals();
        return { tokens, handshakes: apis[API].handshakes, inits: apis[API].sessionInits };
      };
      const [before, leases] = [seen(), await leasesIn(client)];
      const since = new Map(clients.map((each) => [each, each.events.length]));

      const commands = await commandsDuring(client, async () => {
        for (const each of clients) each.drop();
        await eventually(() => {
          const back = clients.filter((each) => isBackSince(each, since.get(each)!));
          if (back.length < clients.length) throw new Error(`${back.length} are back`);
        }, PATIENCE_MS);
        // What follows from it at the owner.
        await new Promise((resolve) => setTimeout(resolve, 500));
      });

      const perSocket = commands.filter((command) => !isHeartbeat(command)).length / USERS;
      if (isLarge) console.log(`${perSocket.toFixed(1)} commands a socket`, countedByName(commands));
      expect(perSocket).toBeLessThanOrEqual(mostCommands);
      expect(seen()).toEqual(before);
      expect(await leasesIn(client)).toEqual(leases);
      for (const each of clients) each.close();
      client.disconnect();
    },
    300_000,
  );

  async function attachAll(addresses: [string, ...string[]]): Promise<RecordingClient[]> {
    const { url } = cluster();
    const names = Array.from({ length: USERS }, (_, index) => `user${index + 1}`);
    const clients: RecordingClient[] = [];
    const work = async () => {
      for (let name = names.shift(); name !== undefined; name = names.shift()) {
        const person = await cluster().signIn(name);
        const pauseMs = () => 100 + Math.random() * 900;
        clients.push(
          new RecordingClient({ name, person, url, addresses, api: API, channel: VOICE, pauseMs }),
        );
      }
    };
    await Promise.all(Array.from({ length: SIGNING_IN_AT_ONCE }, work));
    await eventually(() => {
      if (!clients.every(({ isConnected }) => isConnected)) throw new Error('not all are connected');
    }, PATIENCE_MS);
    return clients;
  }
});

const isBackSince = ({ events }: RecordingClient, since: number): boolean =>
  events.slice(since).some((event) => event.kind === 'ready' && event.isConnected);

const isHeartbeat = (command: readonly string[]): boolean =>
  command.some((part) => part.endsWith(':instances')) || command[0] === 'ping';

async function leasesIn(client: Redis): Promise<unknown[]> {
  const keys = await keysIn(client, '*:leases');
  return Promise.all(keys.map(async (key) => [key, await client.hgetall(key)]));
}

function countedByName(commands: readonly (readonly string[])[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [name = ''] of commands) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
