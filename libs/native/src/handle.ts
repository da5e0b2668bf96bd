import { type Branded } from '@gw/kernel';
import { hash, randomBytes } from 'node:crypto';

/** SHA-256 of a handle, base64url: all that is stored of one. */
export type HandleHash = Branded<'HandleHash'>;

const HANDLE_BYTES = 32;
const HANDLE = /^[\w-]{43}$/u;

/** 256 random bits, base64url: an opaque token that says nothing. */
export const newHandle = (): string => randomBytes(HANDLE_BYTES).toString('base64url');

/** Cheap enough to keep anything else away from the hash and the store. */
export const looksLikeHandle = (value: string): boolean => HANDLE.test(value);

export const handleHashOf = (handle: string): HandleHash => hash('sha256', handle, 'base64url') as HandleHash;
