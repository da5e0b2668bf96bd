/**
 * Whether an answer would send the client elsewhere (RFC 9110 §15.4). The client cannot follow it: the
 * upstream's addresses are not the client's. 304 is no redirect, and 3xx without Location goes nowhere.
 */
export function isRedirect(status: number, location: unknown): boolean {
  return status >= 300 && status <= 308 && status !== 304 && location !== undefined;
}
