import { z } from 'zod';

/** Configuration Server style data: an array of typed triples. */
export const keyValueSchema = z.looseObject({ key: z.string(), type: z.string(), value: z.unknown() });
export type KeyValue = z.infer<typeof keyValueSchema>;

/** `changes` over `current`, by key. */
export function merged(current: readonly KeyValue[], changes: readonly KeyValue[]): KeyValue[] {
  const byKey = new Map([...current, ...changes].map((pair) => [pair.key, pair]));
  return [...byKey.values()];
}
