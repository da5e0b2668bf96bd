import { type FastifyRequest } from 'fastify';

/** The token of `Authorization: Bearer …`; the scheme is case-insensitive (RFC 9110 §11.1). */
export function bearerOf(request: FastifyRequest): string | undefined {
  return /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
}
