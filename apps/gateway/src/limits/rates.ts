import { type Rate } from '@gw/limits';

/**
 * What is limited. By client address: `login` (`/auth/login`, `/auth/callback`), `token` (`/oauth/*`),
 * `connect-address` (handshakes of sockets), `address` (all other requests). By session: `request` (`/api/*`),
 * `connect` (sockets), `message` (what clients send on sockets).
 */
export type RateName = 'login' | 'token' | 'request' | 'address' | 'connect' | 'connect-address' | 'message';

/** What has no rate is not limited. */
export type Rates = Readonly<Partial<Record<RateName, Rate | undefined>>>;

const MINUTE_MS = 60_000;
const perMinute = (quota: number): Rate => ({ quota, windowMs: MINUTE_MS });

/**
 * Far above what a desktop does in its busiest minute; those by address, for a contact centre of a thousand people
 * behind one address, all of whom begin at eight.
 */
export const DEFAULT_RATES: Readonly<Record<RateName, Rate>> = {
  login: perMinute(3_000),
  token: perMinute(3_000),
  request: perMinute(1_200),
  address: perMinute(120_000),
  connect: perMinute(60),
  'connect-address': perMinute(12_000),
  message: perMinute(600),
};

export const isRateName = (name: string): name is RateName => Object.hasOwn(DEFAULT_RATES, name);
