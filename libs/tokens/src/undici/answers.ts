import { asUserId, Secret } from '@gw/kernel';
import { type SessionUser, type TokenSet } from '@gw/sessions';
import { z } from 'zod';

const secret = z.string().min(1).max(16_384);

/** RFC 6749 §5.1. Servers leave out the life and the refresh token, or say null; some send the life as a string. */
const tokenResponse = z.object({
  access_token: secret,
  refresh_token: secret.nullish(),
  expires_in: z.coerce.number().positive().nullish(),
});

/** RFC 6749 §5.2. */
const errorResponse = z.object({ error: z.string() });

const MAX_NAME_LENGTH = 256;
/** An empty name is no name: as an identity it would be shared by all who lack one. */
const name = z
  .string()
  .max(MAX_NAME_LENGTH)
  .transform((value) => (value.trim() === '' ? undefined : value))
  .nullish()
  .transform((value) => value ?? undefined);

/**
 * Both shapes of the user information: that of `/userinfo` (`username` is required there) and that of
 * `/openid/userinfo`. A list of what is taken, because the answer may carry a password.
 */
const userInfo = z.object({
  sub: name,
  username: name,
  user_name: name,
  loginName: name,
  name,
  given_name: name,
  family_name: name,
});

/** @param sentAt milliseconds since the epoch: the life counts from before the answer's journey. */
export function readTokens(body: unknown, sentAt: number, former?: Secret): TokenSet | undefined {
  const { data } = tokenResponse.safeParse(body);
  if (!data) return undefined;
  return {
    accessToken: new Secret(data.access_token),
    refreshToken: data.refresh_token ? new Secret(data.refresh_token) : former,
    obtainedAt: sentAt,
    expiresAt: data.expires_in ? sentAt + data.expires_in * 1_000 : undefined,
  };
}

export const readErrorCode = (body: unknown): string | undefined => errorResponse.safeParse(body).data?.error;

export function readUser(body: unknown): SessionUser | undefined {
  const { data: user } = userInfo.safeParse(body);
  const id = user?.sub ?? user?.username;
  if (!user || id === undefined) return undefined;
  const userName = user.username ?? user.user_name ?? user.loginName ?? id;
  return { id: asUserId(id), userName, displayName: displayNameOf(user) ?? userName };
}

function displayNameOf(user: z.infer<typeof userInfo>): string | undefined {
  const parts = [user.given_name, user.family_name].filter((part) => part !== undefined);
  return user.name ?? (parts.length > 0 ? parts.join(' ') : user.loginName);
}
