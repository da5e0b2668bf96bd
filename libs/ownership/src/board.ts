import { type ApiName, type InstanceId, type UserId } from '@gw/kernel';
import { type Lease } from './leases.js';

/** Longest wait for the owner to publish, in milliseconds. */
export const PUBLISH_TIMEOUT_MS = 5_000;

/** How the CometD session of a user at an API is, as its owner last reported. */
export interface ConnectionReport {
  readonly state: 'connecting' | 'connected' | 'interrupted' | 'refused';
  readonly reason?: string | undefined;
  /** Of each channel that is listened to: the sequence of the journal's head when that began. */
  readonly channels: Readonly<Record<string, number>>;
  /** Channels whose subscription the upstream refuses. */
  readonly refused: readonly string[];
  /** Names the CometD session that is subscribed to all of `channels`; absent while none is known to be. */
  readonly session?: string | undefined;
}

/** All that is known of a user's connection to one API. */
export interface ConnectionView {
  readonly lease: Lease | undefined;
  /** Absent: nobody runs or ran it. That of a dead owner stays until the next one reports. */
  readonly report: ConnectionReport | undefined;
  /** What the clients at each instance want, dead instances included until they are withdrawn. */
  readonly wishes: ReadonlyMap<InstanceId, readonly string[]>;
}

export type BoardView = ReadonlyMap<ApiName, ConnectionView>;

export interface BoardListener {
  /**
   * Something changed of this user; read to know what. Of what this instance itself wished, reported and took it may
   * not be told, as the answer to that said so; else it may be told more often than needed, never less.
   */
  changed(): void;
  /** Somebody asks the owner to publish to a service channel; undefined when it is not ours to answer. */
  publish(api: ApiName, channel: string, data: unknown): Promise<boolean> | undefined;
}

/**
 * Where the instances that have clients of a user, and the one that runs the user's CometD sessions,
 * tell one another. Every implementation passes `testing/board.contract.ts`.
 *
 * @throws {GatewayError} `state_unavailable`, from everything here.
 */
export abstract class Board {
  /** Replaces what the clients at this instance want of `api`; nothing wanted withdraws. Gives the whole board. */
  abstract wish(user: UserId, api: ApiName, channels: readonly string[]): Promise<BoardView>;

  /** Takes away what a dead instance wished. */
  abstract withdraw(user: UserId, instance: InstanceId): Promise<void>;

  /** False, and nothing written, when the lease is not this holder's any more. Undefined removes the report. */
  abstract report(
    user: UserId,
    api: ApiName,
    lease: Lease,
    report: ConnectionReport | undefined,
  ): Promise<boolean>;

  abstract read(user: UserId): Promise<BoardView>;

  /** Resolves when no change from now on is missed. Returns how to stop. */
  abstract listen(user: UserId, listener: BoardListener): Promise<() => void>;

  /** Has the owner publish; false when it did not take it, or nobody answered within five seconds. */
  abstract publish(user: UserId, api: ApiName, channel: string, data: unknown): Promise<boolean>;

  /**
   * Some of the users that `instance` had wishes or leases of; each is given to one caller only. Empty:
   * none are left. For survivors of a dead instance, to share what it left behind.
   */
  abstract inherit(instance: InstanceId, limit: number): Promise<UserId[]>;
}
