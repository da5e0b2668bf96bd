/** The name of a Set-Cookie line's cookie; empty when the line has none. */
export function cookieName(setCookie: string): string {
  const end = setCookie.search(/[=;]/);
  return setCookie[end] === '=' ? setCookie.slice(0, end).trim() : '';
}

/** A list of Set-Cookie lines in two: those that set the cookie `name`, and the others. */
export function splitSetCookies(
  setCookies: readonly string[],
  name: string,
): { readonly named: readonly string[]; readonly others: readonly string[] } {
  return {
    named: setCookies.filter((line) => cookieName(line) === name),
    others: setCookies.filter((line) => cookieName(line) !== name),
  };
}
