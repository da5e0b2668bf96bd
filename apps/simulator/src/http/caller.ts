import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Refusal } from './refusal.js';

/** Who a request is from, as its API's own credentials say. */
export interface Caller {
  readonly user: string;
  readonly httpSession: string;
}

/**
 * `user` is also known when the credentials are of yesterday (an expired token, a forgotten session).
 * Without a caller, `refusal` is what such a request gets where it needs one.
 */
export type Identity =
  | { readonly user: string; readonly caller: Caller }
  | { readonly user: string | undefined; readonly caller: undefined; readonly refusal: Refusal };

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity;
  }
}

export type Identify = (request: FastifyRequest, reply: FastifyReply) => Identity;

export const NOBODY: Identity = { user: undefined, caller: undefined, refusal: new Refusal(401, '') };

/** A handler for those whose credentials hold; everybody else is refused as the API does it. */
export function signedIn(
  handler: (caller: Caller, request: FastifyRequest, reply: FastifyReply) => unknown,
): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
  return async (request, reply) => {
    const { identity } = request;
    if (!identity.caller) throw identity.refusal;
    return handler(identity.caller, request, reply);
  };
}
