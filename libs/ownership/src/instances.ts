import { type InstanceId } from '@gw/kernel';

/**
 * Who is in the cluster. An instance proves that it lives by one heartbeat a second, however many users
 * it holds; one that was not heard of for three seconds is dead to all others.
 */
export abstract class Instances {
  abstract readonly self: InstanceId;

  /** Joins. @throws {GatewayError} `state_unavailable`; it goes on trying. */
  abstract start(): Promise<void>;

  /** Leaves at once, so that nobody waits for us to be dead. Idempotent. */
  abstract close(): Promise<void>;

  /** As far as we have heard; always true of ourselves. */
  abstract isAlive(instance: InstanceId): boolean;

  /** All that live, as far as we have heard; ourselves among them. */
  abstract alive(): InstanceId[];

  /**
   * Says that we are about to leave: we go on living, but nobody should count on us. Resolves when it is
   * said. @throws {GatewayError} `state_unavailable`; it goes on trying.
   */
  abstract announceLeave(): Promise<void>;

  /** Whether it has announced that it leaves, as far as we have heard. */
  abstract isLeaving(instance: InstanceId): boolean;

  /** How many others live and are not leaving, as far as we have heard. */
  abstract successors(): number;

  /**
   * Milliseconds since the shared state last heard of us, by our own clock; 0 when there is no shared
   * state. After three seconds others may take over what we own, and we hear no revocation.
   */
  abstract cutOffMs(): number;

  /** Called when an instance has died or left, once for each death, by every survivor. Returns how to stop. */
  abstract onGone(listener: (instance: InstanceId) => void): () => void;

  /** Called when one is there that was not known here. Returns how to stop. */
  abstract onJoined(listener: () => void): () => void;

  /** Called when we are back after others had to think us dead. Returns how to stop. */
  abstract onRejoined(listener: () => void): () => void;
}
