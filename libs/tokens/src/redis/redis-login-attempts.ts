import { createHash } from 'node:crypto';
import { type Keyring, Secret } from '@gw/kernel';
import { type Keyspace, type RedisConnections } from '@gw/redis';
import { z } from 'zod';
import { type LoginAttempt, LoginAttempts } from '../login-attempts.js';

const storedAttempt = z.object({
  codeVerifier: z.string().transform((value) => new Secret(value)),
  browser: z.string(),
  returnTo: z.string(),
  app: z.string().optional(),
});

/** Login attempts that may be completed at another instance than they were begun at. */
export class RedisLoginAttempts extends LoginAttempts {
  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: Keyspace,
    private readonly keyring: Keyring,
  ) {
    super();
  }

  override async put(state: string, attempt: LoginAttempt, ttlMs: number): Promise<void> {
    const text = JSON.stringify({ ...attempt, codeVerifier: attempt.codeVerifier.reveal() });
    const key = this.#keyOf(state);
    const sealed = this.keyring.seal(text, key);
    await this.redis.run((client) => client.set(key, sealed, 'PX', ttlMs));
  }

  override async take(state: string): Promise<LoginAttempt | undefined> {
    const key = this.#keyOf(state);
    const sealed = await this.redis.run((client) => client.getdel(key));
    return sealed === null ? undefined : storedAttempt.parse(JSON.parse(this.keyring.open(sealed, key)));
  }

  /** The state comes from outside and could be of any length; nor need it be known to who reads Redis. */
  #keyOf(state: string): string {
    return this.keys.of('login', createHash('sha256').update(state).digest('base64url'));
  }
}
