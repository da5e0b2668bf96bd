import { type Clock, type SessionId } from '@gw/kernel';
import { DeviceSockets, type DeviceSocketsListener } from '../device-sockets.js';
import { ExpiringMap } from './expiring-map.js';

const DEFAULT_MAX_SESSIONS = 100_000;

/** Among the users of one store in one process. */
export class MemoryDeviceSockets extends DeviceSockets {
  readonly #newest: ExpiringMap<SessionId, number>;
  readonly #listeners = new Set<DeviceSocketsListener>();

  constructor(clock: Clock, maxSessions = DEFAULT_MAX_SESSIONS) {
    super();
    this.#newest = new ExpiringMap(clock, maxSessions);
  }

  override claim(session: SessionId, ttlMs: number): Promise<number> {
    const number = (this.#newest.find(session) ?? 0) + 1;
    this.#newest.put(session, number, ttlMs);
    for (const listener of [...this.#listeners]) listener.claimed(session, number);
    return Promise.resolve(number);
  }

  override newest(session: SessionId): Promise<number | undefined> {
    return Promise.resolve(this.#newest.find(session));
  }

  override listen(listener: DeviceSocketsListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
