import { asSessionId, type Keyring } from '@gw/kernel';
import { type Keyspace, type RedisConnections } from '@gw/redis';
import { z } from 'zod';
import { AuthorizationCodes, type CodeGrant, type Redemption } from '../authorization-codes.js';
import { type HandleHash } from '../handle.js';
import { formatGrant, parseGrant } from './code-grant-codec.js';
import { putCodeScript, redeemCodeScript } from './scripts.js';

const redeemed = z.array(z.string()).max(2);

/** Codes that may be redeemed at another instance than they were given at. */
export class RedisAuthorizationCodes extends AuthorizationCodes {
  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: Keyspace,
    private readonly keyring: Keyring,
  ) {
    super();
  }

  override async put(code: HandleHash, grant: CodeGrant, ttlMs: number): Promise<void> {
    const key = this.#keyOf(code);
    const parameters = [grant.session, this.keyring.seal(formatGrant(grant), key), ttlMs];
    await this.redis.run((client) => putCodeScript.run(client, [key], parameters));
  }

  override async redeem(code: HandleHash, rememberMs: number): Promise<Redemption> {
    const key = this.#keyOf(code);
    const answer = await this.redis.run((client) => redeemCodeScript.run(client, [key], [rememberMs]));
    const [session, sealed] = redeemed.parse(answer);
    if (session === undefined) return { kind: 'unknown' };
    if (sealed === undefined) return { kind: 'spent', session: asSessionId(session) };
    return { kind: 'granted', grant: parseGrant(this.keyring.open(sealed, key)) };
  }

  #keyOf(code: HandleHash): string {
    return this.keys.of('native-code', code);
  }
}
