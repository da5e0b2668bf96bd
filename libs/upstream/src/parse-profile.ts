import { safelyParsed } from '@gw/kernel';
import { type UpstreamProfile } from './profile.js';
import { profileSchema } from './profile-schema.js';

export type ParsedProfile =
  | { readonly kind: 'profile'; readonly profile: UpstreamProfile }
  /** Each problem names the place and the reason, for example `apis[0].basePath: must start with "/"`. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** Reads a profile from the value of a JSON or YAML file; reports every problem at once. */
export function parseProfile(value: unknown): ParsedProfile {
  const parsed = safelyParsed(profileSchema, value);
  if (!parsed)
    return { kind: 'invalid', problems: ['profile: has a member `length` that nothing can be made of'] };
  if (parsed.success) return { kind: 'profile', profile: parsed.data };
  return {
    kind: 'invalid',
    problems: parsed.error.issues.map((issue) => `${placeOf(issue.path)}: ${issue.message}`),
  };
}

function placeOf(path: readonly PropertyKey[]): string {
  const place = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return place === '' ? 'profile' : place.replace(/^\./, '');
}
