import { asSessionId, type SessionId } from '@gw/kernel';
import { hash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
const SECRET_LENGTH = 43;

/** 256 random bits: the value of the session cookie, which is stored nowhere. */
export const newSessionSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/** Cheap enough to keep any other cookie's bytes away from the hash and the store. */
export const looksLikeSessionSecret = (value: string): boolean => value.length === SECRET_LENGTH;

export const sessionIdOf = (secret: string): SessionId => asSessionId(hash('sha256', secret, 'base64url'));

/** The id of a session that no cookie opens: random bits in the place of a hash. */
export const newSessionId = (): SessionId => asSessionId(newSessionSecret());
