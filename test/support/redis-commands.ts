import { type Redis } from 'ioredis';

/** Time for what was sent before to arrive. */
const SETTLED_MS = 100;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Each command that anybody sends to the server while `act` runs: its name, in lower case, and its parameters. Those
 * that scripts carry out are not among them.
 */
export async function commandsDuring(client: Redis, act: () => Promise<void>): Promise<string[][]> {
  const commands: string[][] = [];
  const monitor = await client.monitor();
  monitor.on('monitor', (_time: string, parts: string[], source: string) => {
    if (source !== 'lua') commands.push(parts);
  });
  try {
    await act();
    await pause(SETTLED_MS);
  } finally {
    monitor.disconnect();
  }
  return commands.map(([name = '', ...parameters]) => [name.toLowerCase(), ...parameters]);
}
