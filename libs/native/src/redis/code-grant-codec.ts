import { asSessionId, asUserId, Secret } from '@gw/kernel';
import { z } from 'zod';
import { type CodeGrant } from '../authorization-codes.js';

const secret = z.string().transform((value) => new Secret(value));

const storedGrant = z.object({
  clientId: z.string(),
  redirectUri: z.string(),
  challenge: z.string(),
  session: z.string().transform(asSessionId),
  login: z.object({
    user: z.object({ id: z.string().transform(asUserId), userName: z.string(), displayName: z.string() }),
    tokens: z.object({
      accessToken: secret,
      refreshToken: secret.optional(),
      obtainedAt: z.number(),
      expiresAt: z.number().optional(),
    }),
    device: z.string(),
    client: z.string().optional(),
  }),
});

/** With its tokens in clear: to be sealed. */
export function formatGrant(grant: CodeGrant): string {
  const { tokens, ...login } = grant.login;
  const { accessToken, refreshToken, ...times } = tokens;
  const revealed = { ...times, accessToken: accessToken.reveal(), refreshToken: refreshToken?.reveal() };
  return JSON.stringify({ ...grant, login: { ...login, tokens: revealed } });
}

export function parseGrant(text: string): CodeGrant {
  const { login, ...grant } = storedGrant.parse(JSON.parse(text));
  return { ...grant, login: { ...login, tokens: { ...login.tokens, expiresAt: login.tokens.expiresAt } } };
}
