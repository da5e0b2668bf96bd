import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../http/refusal.js';
import { type Authentication } from './authentication.js';
import { authenticatedClient } from './clients.js';
import { type IssuedTokens } from './token-store.js';

const tokenForm = z.object({
  grant_type: z.string().optional(),
  client_id: z.string().optional(),
  code: z.string().optional(),
  redirect_uri: z.string().optional(),
  code_verifier: z.string().optional(),
  refresh_token: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
});
type TokenForm = z.infer<typeof tokenForm>;

type GrantType = 'authorizationCode' | 'refreshToken' | 'password';
const GRANT_TYPES: ReadonlyMap<string | undefined, GrantType> = new Map([
  ['authorization_code', 'authorizationCode'],
  ['refresh_token', 'refreshToken'],
  ['password', 'password'],
]);

/** The token endpoint (RFC 6749 §4.1.3, §4.3, §6). */
export function tokenRoute(app: FastifyInstance, auth: Authentication): void {
  app.post('/oauth/token', (request, reply) => {
    const form = formOf(request);
    const user = holderOf(auth, form);
    try {
      const { grantType, tokens } = grant(request, form);
      auth.seen.note(user, (seen) => (seen.tokens[grantType] += 1));
      return reply.headers({ 'cache-control': 'no-store', pragma: 'no-cache' }).send(tokenResponse(tokens));
    } catch (refused) {
      auth.seen.note(user, (seen) => (seen.tokens.refused += 1));
      throw refused;
    }
  });

  function grant(request: FastifyRequest, form: TokenForm): { grantType: GrantType; tokens: IssuedTokens } {
    const client = authenticatedClient(auth.settings.clients, request.headers.authorization, form.client_id);
    if (!client) throw oauthError(401, 'invalid_client', 'Bad client credentials');
    const grantType = GRANT_TYPES.get(form.grant_type);
    if (!grantType) throw oauthError(400, 'unsupported_grant_type', 'Unsupported grant type');
    const tokens = redeem(grantType, form, client.id);
    if (!tokens) throw oauthError(400, 'invalid_grant', REFUSALS[grantType]);
    return { grantType, tokens };
  }

  function redeem(grantType: GrantType, form: TokenForm, clientId: string): IssuedTokens | undefined {
    switch (grantType) {
      case 'authorizationCode':
        return redeemCode(form, clientId);
      case 'refreshToken':
        return auth.tokens.refresh(form.refresh_token ?? '', clientId);
      case 'password': {
        const agent = auth.directory.withCredentials(form.username ?? '', form.password ?? '');
        return agent && auth.tokens.issue({ user: agent.name, clientId, loginSession: undefined });
      }
    }
  }

  function redeemCode(form: TokenForm, clientId: string): IssuedTokens | undefined {
    const redeemed = auth.codes.redeem({
      code: form.code ?? '',
      clientId,
      redirectUri: form.redirect_uri,
      codeVerifier: form.code_verifier,
    });
    return redeemed && auth.tokens.issue(redeemed);
  }
}

const REFUSALS: Readonly<Record<GrantType, string>> = {
  authorizationCode: 'Invalid authorization code',
  refreshToken: 'Invalid refresh token',
  password: 'Bad credentials',
};

export function formOf(request: FastifyRequest): TokenForm {
  return tokenForm.safeParse(request.body).data ?? {};
}

/** Whom a token request is about, as far as its own contents tell. */
export function holderOf(auth: Authentication, form: TokenForm): string | undefined {
  return (
    auth.codes.ownerOf(form.code) ??
    auth.tokens.ownerOf(form.refresh_token) ??
    auth.directory.named(form.username ?? '')?.name
  );
}

export function oauthError(status: 400 | 401, error: string, description: string): Refusal {
  const scheme = error === 'invalid_client' ? 'Basic' : `Bearer error="${error}"`;
  const headers: Record<string, string> = status === 401 ? { 'www-authenticate': scheme } : {};
  return new Refusal(status, { error, error_description: description }, headers);
}

function tokenResponse({ accessToken, refreshToken, expiresInS }: IssuedTokens): object {
  return {
    access_token: accessToken,
    token_type: 'bearer',
    refresh_token: refreshToken,
    expires_in: expiresInS,
    scope: '*',
  };
}
