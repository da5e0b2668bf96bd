/** For browsers, with everything that is the gateway's own; a page of its own replaces the content policy. */
export const OWN_HEADERS: Readonly<Record<string, string>> = {
  // Data, if it is shown as a page at all, needs nothing.
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** One year (RFC 6797). Subdomains and preload lists are for whoever has the domain to decide. */
const HSTS = 'max-age=31536000';

/** Undefined without https: browsers ignore it there (RFC 6797 §8.1). */
export function transportPolicy(publicOrigin: string): string | undefined {
  return publicOrigin.startsWith('https:') ? HSTS : undefined;
}
