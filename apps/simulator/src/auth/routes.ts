import formbody from '@fastify/formbody';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type Faults, type Occasion } from '../control/faults.js';
import { bearerOf } from '../http/bearer.js';
import { failed } from '../http/envelope.js';
import { letFaultsStrike } from '../http/misbehave.js';
import { type Timers } from '../timers.js';
import { type Authentication } from './authentication.js';
import { authorizeRoutes } from './authorize-routes.js';
import { formOf, holderOf, tokenRoute } from './token-routes.js';
import { userRoutes } from './user-routes.js';

/** Authentication v3. */
export async function serveAuthentication(
  root: FastifyInstance,
  auth: Authentication,
  { faults, timers }: { readonly faults: Faults; readonly timers: Timers },
): Promise<void> {
  await root.register(
    async (app) => {
      await app.register(formbody);
      letFaultsStrike(app, faults, timers, {
        occasion: (request) => occasionOf(auth, request),
        status: (request, status) =>
          isTokenRequest(request) ? oauthFault(status) : failed(status, 'Injected fault'),
        unknownSession: () => ({ status: 401, body: { error: 'invalid_token' } }),
      });
      authorizeRoutes(app, auth);
      tokenRoute(app, auth);
      userRoutes(app, auth);
    },
    { prefix: '/auth/v3' },
  );
}

const POINTS = [
  ['/oauth/token', 'token'],
  ['/userinfo', 'userinfo'],
  ['/sign-out', 'sign-out'],
  ['/oauth/authorize', 'authorize'],
] as const;

function occasionOf(auth: Authentication, request: FastifyRequest): Occasion | undefined {
  const on = POINTS.find(([path]) => request.url.includes(path))?.[1];
  if (!on) return undefined;
  const user = isTokenRequest(request)
    ? holderOf(auth, formOf(request))
    : auth.tokens.ownerOf(bearerOf(request));
  return { api: 'auth', on, user };
}

function isTokenRequest(request: FastifyRequest): boolean {
  return request.url.startsWith('/auth/v3/oauth/token');
}

function oauthFault(status: number): object {
  const errors: Readonly<Record<number, string>> = { 400: 'invalid_grant', 401: 'invalid_client' };
  return { error: errors[status] ?? 'server_error', error_description: 'Injected fault' };
}
