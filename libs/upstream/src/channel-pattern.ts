/**
 * Bayeux channels and wildcards (Bayeux 1.0 §2.2): `/a/*` stands for exactly one further segment, `/a/**`
 * for one or more. Pure functions; a wildcard may only be the last segment.
 */

/** Bayeux 1.0 §2.1.1: a segment is letters, digits and these marks. */
const CHANNEL = /^(?:\/[A-Za-z0-9\-_!~()$@]+)+$/;
const PATTERN = /^(?:\/[A-Za-z0-9\-_!~()$@]+)*\/\*\*?$/;

/** Longer names are refused rather than matched: they come from clients. */
const MAX_LENGTH = 255;

/** A channel without wildcards, such as a message's. */
export function isChannel(text: string): boolean {
  return text.length <= MAX_LENGTH && CHANNEL.test(text);
}

/** A channel, or a channel that ends in a wildcard: what may be subscribed to. */
export function isChannelPattern(text: string): boolean {
  return text.length <= MAX_LENGTH && (CHANNEL.test(text) || PATTERN.test(text));
}

/** Whether a message on `channel` reaches a subscriber of `pattern`. */
export function matches(pattern: string, channel: string): boolean {
  if (pattern.endsWith('/**')) return isBelow(pattern.slice(0, -2), channel);
  if (!pattern.endsWith('/*')) return pattern === channel;
  const parent = pattern.slice(0, -1);
  return isBelow(parent, channel) && !channel.includes('/', parent.length);
}

/** Whether everything that `requested` could deliver is within `allowed`; both may be wildcards. */
export function covers(allowed: string, requested: string): boolean {
  if (allowed === requested) return true;
  if (requested.endsWith('/*') || requested.endsWith('/**')) {
    return allowed.endsWith('/**') && requested.startsWith(allowed.slice(0, -2));
  }
  return matches(allowed, requested);
}

function isBelow(parentWithSlash: string, channel: string): boolean {
  return channel.length > parentWithSlash.length && channel.startsWith(parentWithSlash);
}
