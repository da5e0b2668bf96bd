/** What becomes of the connections to Redis, for logs and counters. Does nothing by default. */
export abstract class RedisEvents {
  connected(_connection: 'commands' | 'channels'): void {}
  /** It is made again by itself. `error` never holds a password. */
  disconnected(_connection: 'commands' | 'channels', _error: unknown): void {}
}
