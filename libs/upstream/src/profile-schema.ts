import { asApiName } from '@gw/kernel';
import { z } from 'zod';
import { isChannelPattern } from './channel-pattern.js';
import { outcomeSchema } from './outcome-schema.js';
import { type UpstreamProfile } from './profile.js';
import { problemsBetween } from './profile-problems.js';

const MAX_READINESS_MS = 600_000;

/** Only spellings that need no normalisation: they are compared with what clients ask for. */
const PLAIN_PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9\-._~!$&'()+,=:@]+)+$/;

const path = z
  .string()
  .refine((text) => text.startsWith('/'), { error: 'must start with "/"', abort: true })
  .refine((text) => PLAIN_PATH.test(text), {
    error: 'must be a plain path: no empty or dot segment, no escape, query, wildcard or trailing slash',
  });

const refusedPath = z.string().refine((text) => PLAIN_PATH.test(text.replace(/\/\*\*$/, '')), {
  error: 'must be a plain path beneath basePath that starts with "/", and may end in "/**"',
});

const origin = z.string().refine(isOrigin, { error: 'must be an origin: http(s)://host[:port]' });

const pattern = z.string().refine(isChannelPattern, { error: 'is no Bayeux channel or wildcard' });

const endpoint = { method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).default('POST'), path };

const readiness = z.strictObject({
  channel: pattern,
  messageType: z.string().min(1),
  stateMember: z.string().min(1),
  complete: z.string().min(1),
  failed: z.string().min(1),
  probe: z.strictObject({
    path,
    pointer: z.string().regex(/^(?:\/(?:[^~]|~[01])*)+$/, 'must be a JSON pointer (RFC 6901)'),
    complete: z.string().min(1),
    failed: z.string().min(1),
  }),
  timeoutMs: z.int().positive().max(MAX_READINESS_MS),
});

const cometd = z.strictObject({
  path,
  bearer: z.boolean(),
  defaultChannels: z.array(pattern).default([]),
  allowedChannels: z.array(pattern).min(1),
  publishChannels: z.array(pattern).default([]),
  browserCookie: z
    .string()
    .regex(/^[\w!#$%&'*+.^`|~-]+$/, 'must be a cookie name')
    .default('BAYEUX_BROWSER'),
  readiness: readiness.optional(),
  handshakesPerSecond: z.number().positive().max(10_000).default(100),
});

const api = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,31}$/, 'must be a lower-case word of at most 32 characters')
    .transform(asApiName),
  baseUrl: origin.optional(),
  basePath: path,
  refusedPaths: z.array(refusedPath).default([]),
  sessionInit: z.strictObject({ ...endpoint, acceptedCodes: z.array(z.int()).min(1).optional() }).optional(),
  logout: z.strictObject(endpoint).optional(),
  cometd: cometd.optional(),
  outcomes: outcomeSchema.optional(),
});

/** The shape of a profile, then what must hold between its parts. */
export const profileSchema: z.ZodType<UpstreamProfile> = z
  .strictObject({ apis: z.array(api).min(1).max(32) })
  .superRefine((profile, context) => {
    for (const problem of problemsBetween(profile)) {
      context.addIssue({ code: 'custom', path: [...problem.path], message: problem.message });
    }
  });

function isOrigin(text: string): boolean {
  return /^https?:\/\/[^/?#@\\\s]+$/i.test(text) && URL.canParse(text);
}
