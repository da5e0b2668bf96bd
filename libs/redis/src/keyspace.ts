import { type UserId } from '@gw/kernel';

/**
 * Names of keys and channels. All that is kept of one user lies in one hash slot of a cluster, so that
 * one script can read and write it in one step.
 */
export class Keyspace {
  /** `prefix` sets installations that share a Redis apart. */
  constructor(private readonly prefix: string) {}

  /** A key of the user's; encoded, for a name could have braces, and these choose the slot. */
  ofUser(user: UserId, name: string): string {
    return `${this.prefix}:{u:${encodeURIComponent(user)}}:${name}`;
  }

  /** A key, or a channel, of anything else. Parts that come from outside must be free of braces. */
  of(...parts: readonly string[]): string {
    return [this.prefix, ...parts].join(':');
  }
}
