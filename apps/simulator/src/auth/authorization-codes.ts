import { createHash, randomUUID } from 'node:crypto';
import { type Clock } from '@gw/kernel';
import { type Secrets } from '../control/secrets.js';
import { type Grant } from './token-store.js';

const TTL_MS = 60_000;
const MAX_CODES = 10_000;

interface Issued {
  readonly grant: Grant;
  readonly redirectUri: string;
  readonly codeChallenge: string | undefined;
  readonly expiresAt: number;
}

export interface Redemption {
  readonly code: string;
  readonly clientId: string;
  readonly redirectUri: string | undefined;
  readonly codeVerifier: string | undefined;
}

/** Authorization codes: single-use, alive for a minute, bound to client, redirect URI and PKCE challenge. */
export class AuthorizationCodes {
  readonly #codes = new Map<string, Issued>();

  constructor(
    private readonly clock: Clock,
    private readonly secrets: Secrets,
  ) {}

  issue(grant: Grant, redirectUri: string, codeChallenge: string | undefined): string {
    const code = this.secrets.add(grant.user, randomUUID());
    this.#codes.set(code, { grant, redirectUri, codeChallenge, expiresAt: this.clock.now() + TTL_MS });
    const [oldest] = this.#codes.keys();
    if (this.#codes.size > MAX_CODES && oldest !== undefined) this.#codes.delete(oldest);
    return code;
  }

  ownerOf(code: string | undefined): string | undefined {
    return code === undefined ? undefined : this.#codes.get(code)?.grant.user;
  }

  clientOf(code: string): string | undefined {
    return this.#codes.get(code)?.grant.clientId;
  }

  /** The code is used up by any attempt, also a failed one. */
  redeem({ code, clientId, redirectUri, codeVerifier }: Redemption): Grant | undefined {
    const issued = this.#codes.get(code);
    this.#codes.delete(code);
    if (!issued || issued.expiresAt <= this.clock.now()) return undefined;
    if (issued.grant.clientId !== clientId || issued.redirectUri !== redirectUri) return undefined;
    return provesPossession(issued.codeChallenge, codeVerifier) ? issued.grant : undefined;
  }
}

/** RFC 7636 §4.6, S256. */
function provesPossession(challenge: string | undefined, verifier: string | undefined): boolean {
  if (challenge === undefined) return true;
  if (verifier === undefined) return false;
  return createHash('sha256').update(verifier).digest('base64url') === challenge;
}
