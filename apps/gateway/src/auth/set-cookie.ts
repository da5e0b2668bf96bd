export interface NewCookie {
  readonly name: string;
  /** Only characters that RFC 6265 §4.1.1 allows unquoted; ours are base64url. */
  readonly value: string;
  /** Absent: until the browser closes. 0 removes the cookie. */
  readonly maxAgeMs?: number | undefined;
}

/** Every cookie of ours: out of the reach of scripts, and not sent with requests that other sites make. */
export function setCookie({ name, value, maxAgeMs }: NewCookie, secure: boolean): string {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Lax'];
  if (secure) attributes.push('Secure');
  if (maxAgeMs !== undefined) attributes.push(`Max-Age=${Math.floor(maxAgeMs / 1_000)}`);
  return [`${name}=${value}`, ...attributes].join('; ');
}
