import type { Cursor } from '@gw/contract';
import { z } from './schema.js';

const KEY = 'gateway-console.cursor';
const savedSchema = z.object({ userId: z.string(), cursor: z.string() });

/**
 * The last cursor, across reloads of this tab. A cursor is a position, not a secret; it means
 * something only for the user whose notifications it counts.
 */
export class CursorMemory {
  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) {}

  load(userId: string): Cursor | undefined {
    try {
      const saved = savedSchema.safeParse(JSON.parse(this.storage.getItem(KEY) ?? 'null')).data;
      return saved?.userId === userId ? saved.cursor : undefined;
    } catch {
      return undefined;
    }
  }

  save(userId: string, cursor: Cursor): void {
    this.storage.setItem(KEY, JSON.stringify({ userId, cursor }));
  }

  forget(): void {
    this.storage.removeItem(KEY);
  }
}
