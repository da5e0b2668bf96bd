import { type Redis } from 'ioredis';

/** All keys of a server, sorted. */
export async function keysIn(client: Redis, pattern = '*'): Promise<string[]> {
  const keys = new Set<string>();
  for await (const some of client.scanStream({ match: pattern, count: 1_000 }))
    for (const key of some as string[]) keys.add(key);
  return [...keys].sort();
}

/**
 * The `INSTANCE_ID` of the gateway that has the lease of a person's CometD session; undefined when nobody has it.
 *
 * @param userName without its tenant
 */
export async function ownerOf(client: Redis, userName: string, api: string): Promise<string | undefined> {
  const [key] = await keysIn(client, `*{u:*%5C${userName}}:leases`);
  const lease = key === undefined ? null : await client.hget(key, api);
  // Behind the configured name is something random, of that run of it.
  return /^\d+ (.+)-[0-9a-f]+$/u.exec(lease ?? '')?.[1];
}
