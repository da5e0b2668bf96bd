import { type OAuthClient } from '../options.js';

/** Who asks for tokens: Basic for a client with a secret, the form field for a public one (RFC 6749 §2.3, §3.2.1). */
export function authenticatedClient(
  clients: readonly OAuthClient[],
  authorization: string | undefined,
  formClientId: string | undefined,
): OAuthClient | undefined {
  const basic = /^basic +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (basic === undefined) {
    return clients.find(({ id, secret }) => id === formClientId && secret === undefined);
  }
  const [id, ...secret] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  return clients.find((client) => client.id === id && client.secret === secret.join(':'));
}

/** A registered URI allows every path below it, as the platform appears to match them. */
export function isAllowedRedirect(redirectUri: string, registered: readonly string[]): boolean {
  if (!URL.canParse(redirectUri)) return false;
  const url = new URL(redirectUri);
  if (url.hash !== '') return false;
  if (url.protocol === 'http:' && ['localhost', '127.0.0.1'].includes(url.hostname)) return true;
  return registered.some((allowed) => isAtOrBelow(url.href, allowed));
}

function isAtOrBelow(href: string, allowed: string): boolean {
  if (!href.startsWith(allowed)) return false;
  const rest = href.slice(allowed.length);
  return rest === '' || allowed.endsWith('/') || /^[/?]/.test(rest);
}
