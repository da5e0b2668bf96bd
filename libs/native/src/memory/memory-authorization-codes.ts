import { type Clock, type SessionId } from '@gw/kernel';
import { AuthorizationCodes, type CodeGrant, type Redemption } from '../authorization-codes.js';
import { type HandleHash } from '../handle.js';
import { ExpiringMap } from './expiring-map.js';

const DEFAULT_MAX_CODES = 10_000;

/** Codes of one process. */
export class MemoryAuthorizationCodes extends AuthorizationCodes {
  readonly #grants: ExpiringMap<HandleHash, CodeGrant>;
  readonly #spent: ExpiringMap<HandleHash, SessionId>;

  constructor(clock: Clock, maxCodes = DEFAULT_MAX_CODES) {
    super();
    this.#grants = new ExpiringMap(clock, maxCodes);
    this.#spent = new ExpiringMap(clock, maxCodes);
  }

  override put(code: HandleHash, grant: CodeGrant, ttlMs: number): Promise<void> {
    this.#grants.put(code, grant, ttlMs);
    return Promise.resolve();
  }

  override redeem(code: HandleHash, rememberMs: number): Promise<Redemption> {
    const grant = this.#grants.find(code);
    if (grant) {
      this.#grants.delete(code);
      this.#spent.put(code, grant.session, rememberMs);
      return Promise.resolve({ kind: 'granted', grant });
    }
    const session = this.#spent.find(code);
    return Promise.resolve(session === undefined ? { kind: 'unknown' } : { kind: 'spent', session });
  }
}
