import { type TappedStack } from './stack.js';

/** What between the gateway and its upstream must stay there, by how it looks on the wire. */
const FORMS = {
  bearers: /^authorization: Bearer (\S+)/gim,
  clientCredentials: /^authorization: Basic (\S+)/gim,
  apiKeys: /^x-api-key: (\S+)/gim,
  cookies: /^set-cookie: [^=]+=([^;\r]+)/gim,
  tokens: /"(?:access|refresh)_token":"([^"]+)"/g,
  bayeuxClientIds: /"clientId":"([^"]+)"/g,
  codeVerifiers: /\bcode_verifier=([\w.~-]+)/g,
} as const;

export type UpstreamSecrets = Readonly<Record<keyof typeof FORMS, ReadonlySet<string>>>;

/** Read off the wire: also what the simulator would not think of. */
export function upstreamSecretsOf({ upstreamSide }: TappedStack): UpstreamSecrets {
  const wire = `${upstreamSide.toServer}\n${upstreamSide.toClients}`;
  const found = Object.entries(FORMS).map(([name, form]) => [
    name,
    new Set([...wire.matchAll(form)].map(([, secret = '']) => secret)),
  ]);
  return Object.fromEntries(found) as UpstreamSecrets;
}
