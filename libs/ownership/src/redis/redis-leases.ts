import { type ApiName, type Keyring, type UserId } from '@gw/kernel';
import { type Keyspace, type RedisConnections, type RedisScript } from '@gw/redis';
import { type Claim, type Lease, Leases, type SavedState, type Taken } from '../leases.js';
import { leaseValue, parseLease, stateContext } from './lease-keys.js';
import { confirmScript, releaseScript, saveScript, takeScript, WHOEVER } from './lease-scripts.js';
import { type RedisInstances } from './redis-instances.js';
import { userKeys, userParameters } from './user-keys.js';

/** Others were quicker this often: whoever it was lives. */
const MAX_ATTEMPTS = 5;

/** Leases in a hash of each user's; every change of one is conditional on what it was. */
export class RedisLeases extends Leases {
  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: Keyspace,
    private readonly keyring: Keyring,
    private readonly instances: RedisInstances,
  ) {
    super();
  }

  override async claim(user: UserId, api: ApiName): Promise<Claim> {
    let expected = '';
    for (let attempt = 1; ; attempt += 1) {
      const taken = await this.#take(user, api, expected);
      if (taken.kind === 'granted') return taken;
      const lease = parseLease(taken.current);
      if (lease && (attempt === MAX_ATTEMPTS || (await this.#isHolderAlive(lease))))
        return { kind: 'held', lease };
      expected = taken.current;
    }
  }

  override async seize(user: UserId, api: ApiName): Promise<Taken> {
    const taken = await this.#take(user, api, WHOEVER);
    if (taken.kind !== 'granted') throw new Error('A lease was not to be had from whoever holds it');
    return { lease: taken.lease, saved: taken.saved };
  }

  override confirm(user: UserId, api: ApiName, lease: Lease): Promise<boolean> {
    return this.#ifHeld(confirmScript, user, api, lease);
  }

  override save(
    user: UserId,
    api: ApiName,
    lease: Lease,
    { state, mark = '' }: SavedState,
  ): Promise<boolean> {
    const sealed = this.keyring.seal(state, stateContext(user, api));
    return this.#ifHeld(saveScript, user, api, lease, sealed, mark);
  }

  override async release(user: UserId, api: ApiName, lease: Lease, then: 'keep' | 'forget'): Promise<void> {
    await this.#ifHeld(releaseScript, user, api, lease, then);
  }

  #take(
    user: UserId,
    api: ApiName,
    expected: string,
  ): Promise<({ kind: 'granted' } & Taken) | { kind: 'other'; current: string }> {
    return this.instances.users.gaining(user, async () => {
      const answer = await this.#run(takeScript, user, api, expected);
      const [isTaken, current, hasMore, sealed, mark] = Array.isArray(answer) ? (answer as unknown[]) : [];
      const lease = isTaken === 1 ? parseLease(String(current)) : undefined;
      return {
        value: lease
          ? { kind: 'granted', lease, saved: this.#opened(user, api, sealed, mark) }
          : { kind: 'other', current: String(current) },
        hasMore: hasMore === 1,
      };
    });
  }

  #ifHeld(
    script: RedisScript,
    user: UserId,
    api: ApiName,
    lease: Lease,
    ...more: string[]
  ): Promise<boolean> {
    return this.instances.users.losing(user, async () => {
      const answer = await this.#run(script, user, api, leaseValue(lease), ...more);
      const [isHeld, hasMore] = Array.isArray(answer) ? (answer as unknown[]) : [];
      return { value: isHeld === 1, hasMore: hasMore === 1 };
    });
  }

  #run(script: RedisScript, user: UserId, ...parameters: string[]): Promise<unknown> {
    const [keys, head] = [userKeys(this.keys, user), userParameters(this.keys, user, this.instances.self)];
    return this.redis.run((client) => script.run(client, keys, [...head, ...parameters]));
  }

  /** Our last heartbeat may be older than the holder. */
  async #isHolderAlive({ holder }: Lease): Promise<boolean> {
    return this.instances.isAlive(holder) || this.instances.isAliveNow(holder);
  }

  /** The lease is ours by now: where nothing can be gone on from, the next CometD session begins anew. */
  #opened(user: UserId, api: ApiName, sealed: unknown, mark: unknown): SavedState | undefined {
    if (typeof sealed !== 'string') return undefined;
    try {
      const state = this.keyring.open(sealed, stateContext(user, api));
      return { state, mark: typeof mark === 'string' && mark !== '' ? mark : undefined };
    } catch {
      return undefined;
    }
  }
}
