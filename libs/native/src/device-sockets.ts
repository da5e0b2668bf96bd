import { type SessionId } from '@gw/kernel';

export interface DeviceSocketsListener {
  /** A socket of the session has become the newest, wherever that was; those of lower numbers are not any more. */
  claimed(session: SessionId, number: number): void;
  /** Claims may have been missed: what is held is to be compared with `newest`. */
  missed(): void;
}

/**
 * Which socket of an app's session is the newest, in the whole cluster. Every implementation passes
 * `testing/device-sockets.contract.ts`.
 */
export abstract class DeviceSockets {
  /**
   * Resolves to a number larger than all before it of this session, and tells everybody who listens. Numbers
   * begin anew `ttlMs` milliseconds after the last one was given.
   *
   * @throws {GatewayError} `state_unavailable`; it may have been given, and others told.
   */
  abstract claim(session: SessionId, ttlMs: number): Promise<number>;

  /** @throws {GatewayError} `state_unavailable`: not "nobody has claimed". */
  abstract newest(session: SessionId): Promise<number | undefined>;

  /** What is told comes at most once. Returns how to stop. */
  abstract listen(listener: DeviceSocketsListener): () => void;
}
