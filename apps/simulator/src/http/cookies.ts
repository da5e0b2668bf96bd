import { type FastifyReply, type FastifyRequest } from 'fastify';

export function cookieOf(request: FastifyRequest, name: string): string | undefined {
  return request.cookies[name];
}

/** Session cookies of the platform: no Max-Age, and no Secure, because the simulator speaks plain HTTP. */
export function setSessionCookie(reply: FastifyReply, name: string, value: string): void {
  reply.setCookie(name, value, { path: '/', httpOnly: true, sameSite: 'lax' });
}
