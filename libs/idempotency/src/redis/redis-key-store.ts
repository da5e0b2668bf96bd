import { createHash } from 'node:crypto';
import { type Keyring, type UserId } from '@gw/kernel';
import { type Keyspace, type RedisConnections } from '@gw/redis';
import { z } from 'zod';
import {
  type Claim,
  type ClaimRequest,
  type KeptAnswer,
  KeyStore,
  type KeyStoreLimits,
} from '../key-store.js';
import { claimScript, releaseScript, settleScript } from './key-scripts.js';

const reply = z.union([
  z.tuple([z.literal('claimed')]),
  z.tuple([z.literal('full'), z.coerce.number()]),
  z.tuple([z.enum(['running', 'answered', 'unknown']), z.coerce.number(), z.string(), z.string()]),
]);

const storedAnswer = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.base64().transform((text) => Buffer.from(text, 'base64')),
});

/** Keys that all instances know. Fingerprints and answers are sealed. */
export class RedisKeyStore extends KeyStore {
  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: Keyspace,
    private readonly keyring: Keyring,
    private readonly limits: KeyStoreLimits,
  ) {
    super();
  }

  override async claim(user: UserId, key: string, request: ClaimRequest): Promise<Claim> {
    const { token, fingerprint, runMs } = request;
    const { record, index, name } = this.#namesOf(user, key);
    const { windowMs, maxKeys } = this.limits;
    const sealed = this.keyring.seal(fingerprint, record);
    const parameters = [token, sealed, runMs, windowMs, maxKeys, name];
    const answer = await this.redis
      .run((client) => claimScript.run(client, [record, index], parameters))
      .catch((error: unknown) => {
        // It may have become ours without our hearing of it.
        this.release(user, key, token).catch(() => {});
        throw error;
      });
    return this.#claimIn(reply.parse(answer), record);
  }

  override async settle(
    user: UserId,
    key: string,
    token: string,
    result: KeptAnswer | 'unknown',
  ): Promise<void> {
    const { record } = this.#namesOf(user, key);
    const parameters =
      result === 'unknown'
        ? [token, 'unknown', '']
        : [token, 'answered', this.keyring.seal(format(result), record)];
    await this.redis.run((client) => settleScript.run(client, [record], parameters));
  }

  override async release(user: UserId, key: string, token: string): Promise<void> {
    const { record, index, name } = this.#namesOf(user, key);
    await this.redis.run((client) => releaseScript.run(client, [record, index], [token, name]));
  }

  #claimIn(claim: z.infer<typeof reply>, record: string): Claim {
    if (claim[0] === 'claimed') return { kind: 'claimed' };
    if (claim[0] === 'full') return { kind: 'full', leftMs: claim[1] };
    const [state, leftMs, sealedFingerprint, sealedAnswer] = claim;
    const fingerprint = this.keyring.open(sealedFingerprint, record);
    if (state === 'answered') {
      const answer = storedAnswer.parse(JSON.parse(this.keyring.open(sealedAnswer, record)));
      return { kind: 'answered', fingerprint, answer };
    }
    return state === 'running' && leftMs > 0
      ? { kind: 'running', fingerprint, leftMs }
      : { kind: 'unknown', fingerprint };
  }

  /** A key comes from outside, could be of any length, and may say something of what it stands for. */
  #namesOf(user: UserId, key: string) {
    const name = createHash('sha256').update(key).digest('base64url');
    return {
      name,
      record: this.keys.ofUser(user, `idempotency:${name}`),
      index: this.keys.ofUser(user, 'idempotency'),
    };
  }
}

const format = ({ status, headers, body }: KeptAnswer): string =>
  JSON.stringify({ status, headers, body: body.toString('base64') });
