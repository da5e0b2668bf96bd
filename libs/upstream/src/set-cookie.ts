/** The name of a Set-Cookie line's cookie; empty when the line has none. */
export function cookieName(setCookie: string): string {
  const end = setCookie.search(/[=;]/);
  return setCookie[end] === '=' ? setCookie.slice(0, end).trim() : '';
}
