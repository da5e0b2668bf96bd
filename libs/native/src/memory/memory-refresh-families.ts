import { type Clock, type SessionId } from '@gw/kernel';
import { type HandleHash } from '../handle.js';
import { type FamilyId, RefreshFamilies } from '../refresh-families.js';
import { ExpiringMap } from './expiring-map.js';

interface Family {
  readonly session: SessionId;
  token: HandleHash;
}

const DEFAULT_MAX_FAMILIES = 100_000;

/** Families of one process; they end with it. */
export class MemoryRefreshFamilies extends RefreshFamilies {
  readonly #families: ExpiringMap<FamilyId, Family>;

  constructor(clock: Clock, maxFamilies = DEFAULT_MAX_FAMILIES) {
    super();
    this.#families = new ExpiringMap(clock, maxFamilies);
  }

  override begin(family: FamilyId, session: SessionId, token: HandleHash, ttlMs: number): Promise<void> {
    this.#families.put(family, { session, token }, ttlMs);
    return Promise.resolve();
  }

  override sessionOf(family: FamilyId): Promise<SessionId | undefined> {
    return Promise.resolve(this.#families.find(family)?.session);
  }

  override rotate(
    family: FamilyId,
    presented: HandleHash,
    next: HandleHash,
  ): Promise<'rotated' | 'spent' | 'gone'> {
    const found = this.#families.find(family);
    if (!found) return Promise.resolve('gone');
    if (found.token !== presented) return Promise.resolve('spent');
    found.token = next;
    return Promise.resolve('rotated');
  }
}
