import { PASSWORD, userName } from './bench-event.js';

const CLIENT = `Basic ${Buffer.from('engage-gateway:simulator-secret').toString('base64')}`;

/** An access token of the user, by the password grant. */
export async function accessTokenOf(platformUrl: string, user: number): Promise<string> {
  const response = await fetch(`${platformUrl}/auth/v3/oauth/token`, {
    method: 'POST',
    headers: { authorization: CLIENT },
    body: new URLSearchParams({ grant_type: 'password', username: userName(user), password: PASSWORD }),
  });
  const tokens = (await response.json()) as { access_token: string };
  return tokens.access_token;
}
