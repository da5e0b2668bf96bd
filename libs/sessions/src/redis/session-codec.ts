import { asSessionId, asUserId, Secret } from '@gw/kernel';
import { z } from 'zod';
import { type Session } from '../session.js';

const secret = z.string().transform((value) => new Secret(value));
const time = z.number();

const storedSession = z.object({
  id: z.string().transform(asSessionId),
  version: z.number().int(),
  user: z.object({ id: z.string().transform(asUserId), userName: z.string(), displayName: z.string() }),
  device: z.string(),
  client: z.string().optional(),
  createdAt: time,
  lastSeenAt: time,
  expiresAt: time,
  idleTtlMs: z.number(),
  tokens: z.object({
    accessToken: secret,
    refreshToken: secret.optional(),
    obtainedAt: time,
    expiresAt: time.optional(),
  }),
  supersedes: z.string().transform(asSessionId).optional(),
});

/** With its tokens in clear: to be sealed. */
export function formatSession(session: Session): string {
  const { accessToken, refreshToken, ...times } = session.tokens;
  const tokens = {
    ...times,
    accessToken: accessToken.reveal(),
    refreshToken: refreshToken?.reveal(),
  };
  return JSON.stringify({ ...session, tokens });
}

export function parseSession(text: string): Session {
  const session = storedSession.parse(JSON.parse(text));
  const { tokens } = session;
  // Nothing is added to a copy: each would have a hidden class of its own, which is larger than the session.
  return { ...session, tokens: { ...tokens, expiresAt: tokens.expiresAt } };
}
