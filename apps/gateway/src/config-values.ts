import { isIP } from 'node:net';
import { Secret, type SealingKey } from '@gw/kernel';
import proxyaddr from '@fastify/proxy-addr';
import { parseRedisUrl } from '@gw/redis';
import { type Rate } from '@gw/limits';
import { z } from 'zod';
import { DEFAULT_RATES, isRateName, type RateName, type Rates } from './limits/rates.js';

/** One schema for each kind of variable. Messages never quote a value: it may be a secret. */

const KEY_BYTES = 32;
const KEY_ID = /^[\w-]{1,32}$/u;

export const wholeNumber = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/u, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
};

/** From seconds outside to milliseconds inside. */
export const seconds = (min: number, max: number) =>
  wholeNumber(min, max).transform((value) => value * 1_000);

export const secret = z.string().transform((value) => new Secret(value));

const isOrigin = (value: string): boolean =>
  /^https?:\/\//u.test(value) && URL.canParse(value) && new URL(value).origin === value.replace(/\/$/u, '');

const ORIGIN = 'scheme, host and port only, for example https://desk.example.com';

export const origin = z
  .string()
  .refine(isOrigin, `must be an origin: ${ORIGIN}`)
  .transform((value) => new URL(value).origin);

export const origins = z
  .string()
  .transform((list) => list.split(',').map((value) => value.trim()))
  .refine((values) => !values.includes('*'), 'must name each origin; * is not allowed')
  .refine((values) => values.every((value) => value === '*' || isOrigin(value)), `must be origins: ${ORIGIN}`)
  .transform((values) => values.map((value) => new URL(value).origin));

/** An http(s) URL without credentials, query or fragment; a slash at its end goes. */
export const baseUrl = z
  .string()
  .refine(isBaseUrl, 'must be an http or https URL without credentials, query or fragment')
  .transform((value) => value.replace(/\/+$/u, ''));

function isBaseUrl(value: string): boolean {
  if (!/^https?:\/\//u.test(value) || !URL.canParse(value) || /[?#]/u.test(value)) return false;
  const { username, password } = new URL(value);
  return username === '' && password === '';
}

/** The parser's messages quote nothing of the text, which holds a password. */
export const redisUrl = z.string().transform((text, context) => {
  try {
    return parseRedisUrl(text);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
    return z.NEVER;
  }
});

export const sessionKeys = z
  .string()
  .transform((list) => list.split(',').map((entry) => entry.trim()))
  .refine(
    (entries) => entries.every(isSessionKey),
    `must be a comma list of kid:base64, each key ${KEY_BYTES} bytes long`,
  )
  .transform((entries) => entries.map(sessionKeyOf))
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'must not name a kid twice');

const sessionKeyOf = (entry: string): SealingKey => {
  const [id = '', key = ''] = entry.split(':');
  return { id, key: new Secret(key) };
};

function isSessionKey(entry: string): boolean {
  const [id = '', key = '', ...rest] = entry.split(':');
  const bytes = Buffer.from(key, 'base64');
  // Buffer reads any text as base64; only writing it again shows whether it was.
  return (
    rest.length === 0 && KEY_ID.test(id) && bytes.length === KEY_BYTES && bytes.toString('base64') === key
  );
}

/** RFC 8252 §7: a scheme of the app's own, a loopback address, or a claimed https URL; never a fragment. */
function isNativeRedirect(value: string): boolean {
  if (!URL.canParse(value) || value.includes('#')) return false;
  const { protocol, hostname } = new URL(value);
  if (protocol === 'http:') return ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  return protocol === 'https:' || /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:$/u.test(protocol);
}

const nativeClientList = z
  .array(
    z.strictObject({
      client_id: z.string().min(1).max(128),
      redirect_uris: z.array(z.string().refine(isNativeRedirect)).min(1),
    }),
  )
  .refine((clients) => new Set(clients.map((client) => client.client_id)).size === clients.length);

export const nativeClients = z.string().transform((text, context) => {
  const { data } = nativeClientList.safeParse(parsedJson(text));
  if (data) return data.map((client) => ({ id: client.client_id, redirectUris: client.redirect_uris }));
  const message =
    'must be a JSON list of {"client_id", "redirect_uris"}, each id once, with redirect URIs as RFC 8252 allows them';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const RATE = /^([a-z-]+)=(?:off|([1-9]\d{0,8})\/([1-9]\d{0,4}))$/u;

/** `on`, `off`, or a list of what differs from the defaults: `login=100/60,message=off`. From seconds to milliseconds. */
export const rateLimits = z.string().transform((text, context): Rates => {
  if (text === 'on') return DEFAULT_RATES;
  if (text === 'off') return {};
  const entries = text.split(',').map((entry) => RATE.exec(entry.trim()));
  if (entries.every((entry) => isRateName(entry?.[1] ?? ''))) return ratesOf(entries);
  const names = Object.keys(DEFAULT_RATES).join(', ');
  const message = `must be on, off, or a comma list of name=quota/seconds or name=off, with names of ${names}`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

function ratesOf(entries: readonly (RegExpExecArray | null)[]): Rates {
  const rates: Record<RateName, Rate | undefined> = { ...DEFAULT_RATES };
  for (const [, name = '', quota, seconds] of entries.filter((entry) => entry !== null)) {
    if (!isRateName(name)) continue;
    rates[name] =
      quota === undefined ? undefined : { quota: Number(quota), windowMs: Number(seconds) * 1_000 };
  }
  return rates;
}

export const trustedProxies = z
  .string()
  .transform((list) => list.split(',').map((entry) => entry.trim()))
  .refine(
    (entries) => entries.every(isProxy),
    'must be addresses, networks such as 10.0.0.0/8, or loopback, linklocal, uniquelocal',
  );

const NETWORKS = ['loopback', 'linklocal', 'uniquelocal'];

function isProxy(entry: string): boolean {
  const [address = ''] = entry.split('/');
  if (isIP(address) === 0) return NETWORKS.includes(entry);
  try {
    proxyaddr.compile(entry);
    return true;
  } catch {
    return false;
  }
}
