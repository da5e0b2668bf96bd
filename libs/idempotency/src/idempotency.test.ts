import { asUserId, GatewayError } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { Idempotency } from './idempotency.js';
import { IdempotencyEvents } from './idempotency-events.js';
import { type Claim, type KeptAnswer } from './key-store.js';
import { MemoryKeyStore } from './memory/index.js';

const anna = asUserId('anna');
const answer: KeptAnswer = { status: 200, headers: {}, body: Buffer.from('{}') };

class RecordedEvents extends IdempotencyEvents {
  readonly heard: string[] = [];
  override repeated(): void {
    this.heard.push('repeated');
  }
  override refused(_user: unknown, code: string): void {
    this.heard.push(code);
  }
  override notKept(): void {
    this.heard.push('not kept');
  }
}

/** A store that is away for a while. */
class UnreliableKeys extends MemoryKeyStore {
  away = 0;

  override claim(...request: Parameters<MemoryKeyStore['claim']>): Promise<Claim> {
    return this.#reach(() => super.claim(...request));
  }

  override settle(...request: Parameters<MemoryKeyStore['settle']>): Promise<void> {
    return this.#reach(() => super.settle(...request));
  }

  async #reach<T>(act: () => Promise<T>): Promise<T> {
    if (this.away === 0) return act();
    this.away -= 1;
    throw new GatewayError('state_unavailable', 'unavailable', 'away');
  }
}

describe('a request with an idempotency key', () => {
  let clock: FakeClock;
  let store: UnreliableKeys;
  let events: RecordedEvents;
  let idempotency: Idempotency;

  beforeEach(() => {
    clock = new FakeClock();
    store = new UnreliableKeys(clock, { windowMs: 3_600_000, maxKeys: 2 });
    events = new RecordedEvents();
    idempotency = new Idempotency(store, clock, events, { runMs: 60_000 });
  });

  const begin = (fingerprint = 'same') => idempotency.begin(anna, 'key', fingerprint);
  async function firstRun() {
    const begun = await begin();
    if (begun.kind !== 'first') throw new Error(`It is ${begun.kind}`);
    return begun.run;
  }
  const refusedWith = (code: string, retryAfterMs: number | undefined) => {
    const error = expect.objectContaining({ code }) as unknown;
    return expect.objectContaining({ kind: 'refused', error, retryAfterMs }) as unknown;
  };

  it('is made once, and its answer given again', async () => {
    const run = await firstRun();
    expect(await begin()).toEqual(refusedWith('idempotency_in_progress', 1_000));
    await run.answered(answer);
    expect(await begin()).toEqual({ kind: 'repeat', answer });
    expect(await begin('other')).toEqual(refusedWith('idempotency_key_reused', undefined));
    expect(events.heard).toEqual(['idempotency_in_progress', 'repeated', 'idempotency_key_reused']);
  });

  it('is no other request, at whatever stage the first one is', async () => {
    const run = await firstRun();
    expect(await begin('other')).toEqual(refusedWith('idempotency_key_reused', undefined));
    await run.unknown();
    expect(await begin('other')).toEqual(refusedWith('idempotency_key_reused', undefined));
    expect(await begin()).toEqual(refusedWith('idempotency_result_unknown', undefined));
  });

  it('may be made again when it was not made', async () => {
    await (await firstRun()).notMade();
    expect(await begin('other')).toMatchObject({ kind: 'first' });
  });

  it('is unknown when whoever made it never came back', async () => {
    await firstRun();
    await clock.elapse(60_001);
    expect(await begin()).toEqual(refusedWith('idempotency_result_unknown', undefined));
  });

  it('is refused when there are too many, with the time when there is room', async () => {
    for (const key of ['a', 'b']) await idempotency.begin(anna, key, 'x');
    await clock.elapse(1_000);
    expect(await begin()).toEqual(refusedWith('too_many_idempotency_keys', 3_599_000));
  });

  it('is refused when keys cannot be looked up', async () => {
    store.away = 1;
    expect(await begin()).toEqual(refusedWith('idempotency_unavailable', 1_000));
    expect(await begin()).toMatchObject({ kind: 'first' });
  });

  it('has its answer kept once that can be', async () => {
    const run = await firstRun();
    store.away = 3;
    await run.answered(answer);
    expect(await begin()).toEqual(refusedWith('idempotency_unavailable', 1_000));
    await clock.elapse(3_000);
    expect(await begin()).toEqual({ kind: 'repeat', answer });
  });

  it('is unknown in the end when its answer could not be kept at all', async () => {
    const run = await firstRun();
    store.away = 100;
    await run.answered(answer);
    await clock.elapse(59_000);
    expect(events.heard).toEqual(['not kept']);
    store.away = 0;
    await clock.elapse(2_000);
    expect(await begin()).toEqual(refusedWith('idempotency_result_unknown', undefined));
  });
});
