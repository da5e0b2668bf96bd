const NOT_MADE = new Set([401, 403, 408, 421, 425, 429, 503]);

/** Whether an answer of this status says: not carried out, try again. It is no result to be given again. */
export function saysNotMade(status: number): boolean {
  return NOT_MADE.has(status);
}
