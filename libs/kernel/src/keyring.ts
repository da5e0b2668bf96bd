import { createCipheriv, createDecipheriv } from 'node:crypto';
import { GatewayError } from './errors.js';
import { RandomPool } from './random-pool.js';
import { type Secret } from './secret.js';

export interface SealingKey {
  /** Names the key beside what it sealed: letters, digits, `_` and `-`. */
  readonly id: string;
  /** 32 bytes, base64. */
  readonly key: Secret;
}

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals what leaves the process for storage: AES-256-GCM (NIST SP 800-38D) with a random 96-bit IV. The
 * first key seals, every key opens, so keys can be rotated while old records lie about.
 */
export class Keyring {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #sealing: { readonly id: string; readonly key: Buffer };
  readonly #random = new RandomPool();

  constructor(keys: readonly SealingKey[]) {
    const bytes = keys.map(({ id, key }) => [id, Buffer.from(key.reveal(), 'base64')] as const);
    const [first] = bytes;
    if (!first) throw new Error('A keyring needs a key');
    this.#keys = new Map(bytes);
    this.#sealing = { id: first[0], key: first[1] };
  }

  /** `context` says what the text is and where it belongs; it opens only under the same. */
  seal(text: string, context: string): string {
    const { id, key } = this.#sealing;
    const iv = this.#random.take(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(context));
    const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${id}.${sealed.toString('base64url')}`;
  }

  /** @throws {GatewayError} `sealed_unreadable`: no key of ours, another context, or changed on the way. */
  open(sealed: string, context: string): string {
    const [id = '', body = ''] = sealed.split('.');
    const key = this.#keys.get(id);
    const bytes = Buffer.from(body, 'base64url');
    if (!key || bytes.length < IV_BYTES + TAG_BYTES) throw unreadable();
    const tagAt = bytes.length - TAG_BYTES;
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(tagAt));
    try {
      return decipher.update(bytes.subarray(IV_BYTES, tagAt), undefined, 'utf8') + decipher.final('utf8');
    } catch (error) {
      throw unreadable(error);
    }
  }
}

function unreadable(cause?: unknown): GatewayError {
  return new GatewayError('sealed_unreadable', 'unavailable', 'a stored record cannot be read', { cause });
}
