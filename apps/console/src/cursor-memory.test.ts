import { describe, expect, it } from 'vitest';
import { CursorMemory } from './cursor-memory.js';

class MapStorage {
  readonly items = new Map<string, string>();
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.items.set(key, value);
  removeItem = (key: string): void => void this.items.delete(key);
}

describe('the remembered cursor', () => {
  it('is there after a reload, for the same user only', () => {
    const storage = new MapStorage();
    new CursorMemory(storage).save('u1', 'e.7');
    expect(new CursorMemory(storage).load('u1')).toBe('e.7');
    expect(new CursorMemory(storage).load('u2')).toBeUndefined();
  });

  it('is gone after signing out', () => {
    const storage = new MapStorage();
    const memory = new CursorMemory(storage);
    memory.save('u1', 'e.7');
    memory.forget();
    expect(storage.items.size).toBe(0);
  });

  it.each(['not json', '"text"', '{"userId":1}', ''])('is none when the storage holds %j', (value) => {
    const storage = new MapStorage();
    new CursorMemory(storage).save('u1', 'e.7');
    for (const key of storage.items.keys()) storage.items.set(key, value);
    expect(new CursorMemory(storage).load('u1')).toBeUndefined();
  });
});
