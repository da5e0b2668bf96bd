import { type Clock, type UserId } from '@gw/kernel';
import {
  type Claim,
  type ClaimRequest,
  type KeptAnswer,
  KeyStore,
  type KeyStoreLimits,
} from '../key-store.js';

interface Entry {
  readonly token: string;
  readonly fingerprint: string;
  readonly runsUntil: number;
  readonly forgottenAt: number;
  result: KeptAnswer | 'unknown' | undefined;
}

/** Keys of one process: gone with it, so that a repeat after a restart is a first request. */
export class MemoryKeyStore extends KeyStore {
  /** Of each user, oldest first. */
  readonly #users = new Map<UserId, Map<string, Entry>>();
  #sweptAt: number;

  constructor(
    private readonly clock: Clock,
    private readonly limits: KeyStoreLimits,
  ) {
    super();
    this.#sweptAt = clock.now();
  }

  override claim(user: UserId, key: string, { token, fingerprint, runMs }: ClaimRequest): Promise<Claim> {
    const now = this.clock.now();
    this.#sweep(now);
    const entries = this.#users.get(user) ?? new Map<string, Entry>();
    forgetOld(entries, now);
    const entry = entries.get(key);
    if (entry) return Promise.resolve(claimOf(entry, now));
    const [oldest] = entries.values();
    if (oldest && entries.size >= this.limits.maxKeys) {
      return Promise.resolve({ kind: 'full', leftMs: oldest.forgottenAt - now });
    }
    const times = { runsUntil: now + runMs, forgottenAt: now + this.limits.windowMs };
    entries.set(key, { token, fingerprint, ...times, result: undefined });
    this.#users.set(user, entries);
    return Promise.resolve({ kind: 'claimed' });
  }

  override settle(user: UserId, key: string, token: string, result: KeptAnswer | 'unknown'): Promise<void> {
    const entry = this.#users.get(user)?.get(key);
    if (entry?.token === token) entry.result = result;
    return Promise.resolve();
  }

  override release(user: UserId, key: string, token: string): Promise<void> {
    const entries = this.#users.get(user);
    if (entries?.get(key)?.token === token) entries.delete(key);
    return Promise.resolve();
  }

  /** Forgets users all of whose keys are forgotten; at most once a window. */
  #sweep(now: number): void {
    if (now - this.#sweptAt < this.limits.windowMs) return;
    this.#sweptAt = now;
    for (const [user, entries] of this.#users) {
      forgetOld(entries, now);
      if (entries.size === 0) this.#users.delete(user);
    }
  }
}

function forgetOld(entries: Map<string, Entry>, now: number): void {
  for (const [key, { forgottenAt }] of entries) {
    if (forgottenAt > now) return;
    entries.delete(key);
  }
}

function claimOf({ fingerprint, result, runsUntil }: Entry, now: number): Claim {
  if (result === undefined && runsUntil > now) {
    return { kind: 'running', fingerprint, leftMs: runsUntil - now };
  }
  if (result === undefined || result === 'unknown') return { kind: 'unknown', fingerprint };
  return { kind: 'answered', fingerprint, answer: result };
}
