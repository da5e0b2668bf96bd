import { describe, expect, it } from 'vitest';
import { constructed } from './constructed.js';

abstract class Store {
  abstract load(): string;
}
class MemoryStore extends Store {
  override load(): string {
    return 'kept';
  }
}
class Time {
  now(): number {
    return 7;
  }
}
class Service {
  constructor(
    readonly store: Store,
    readonly time: Time,
  ) {}
}

describe('a provider of a plain class', () => {
  it('is made of its tokens, in order', () => {
    const { provide, inject, useFactory } = constructed(Service, Store, Time);
    expect(provide).toBe(Service);
    expect(inject).toEqual([Store, Time]);
    const [store, time] = [new MemoryStore(), new Time()];
    const service = useFactory(store, time);
    expect(service).toBeInstanceOf(Service);
    expect([service.store, service.time]).toEqual([store, time]);
  });

  it('needs none for a class that takes nothing', () => {
    const { inject, useFactory } = constructed(Time);
    expect(inject).toEqual([]);
    expect(useFactory()).toBeInstanceOf(Time);
  });

  it('does not compile with swapped, missing or surplus tokens', () => {
    // @ts-expect-error the tokens are swapped
    constructed(Service, Time, Store);
    // @ts-expect-error a token is missing
    constructed(Service, Store);
    // @ts-expect-error a token is too many
    constructed(Service, Store, Time, Time);
    // @ts-expect-error a token is of another type
    constructed(Service, Store, String);
    expect.assertions(0);
  });
});
