/** In the value of whatever must not arrive at the upstream. */
export const MARK = 'hostile-mark';

/** Where a smuggled request would lead: the gateway knows no such path, so only the upstream could have read it. */
export const SMUGGLED = '/workspace/v3/smuggled';

/** Whose session the attacker rides on, or holds: nothing may pass that this person could not have asked for. */
export interface Victim {
  /** Of the gateway, with its port. */
  readonly host: string;
  readonly origin: string;
  /** As a browser sends it. */
  readonly cookie: string;
}

export interface Attack {
  readonly name: string;
  /** Latin-1: each character is a byte on the wire. */
  readonly bytes: (victim: Victim) => string;
  /**
   * How many requests arrive at the upstream, cleaned of what must not pass; with none, every answer is a
   * 4xx, or the connection is closed. `maybe`: one at most, whichever way the gateway decides.
   */
  readonly arrives: number | 'maybe';
}

export interface Message {
  /** The request line. */
  readonly line?: string;
  /** Further field lines, as they are written. */
  readonly fields?: readonly string[];
  /** Lower-case names of usual fields that are left out. */
  readonly without?: readonly string[];
  readonly body?: string;
  readonly lineEnd?: string;
}

const ORDINARY_LINE = 'GET /api/workspace/v3/me HTTP/1.1';
export const POST_LINE = 'POST /api/workspace/v3/me HTTP/1.1';

/** The text of a request that is the victim's own in all that `message` does not change. */
export function text(victim: Victim, message: Message): string {
  const { line = ORDINARY_LINE, fields = [], without = [], body = '', lineEnd = '\r\n' } = message;
  const usual = [
    `Host: ${victim.host}`,
    `Cookie: ${victim.cookie}`,
    `Origin: ${victim.origin}`,
    'X-CSRF: 1',
    'Connection: close',
  ].filter((field) => !without.includes(field.slice(0, field.indexOf(':')).toLowerCase()));
  return [line, ...usual, ...fields, '', body].join(lineEnd);
}

/** An attack of one request. */
export function attack(name: string, arrives: Attack['arrives'], message: Message): Attack {
  return { name, arrives, bytes: (victim) => text(victim, message) };
}

/** One attack for each entry of a table; the entry is its name. */
export function attacks(
  arrives: Attack['arrives'],
  entries: readonly string[],
  message: (entry: string) => Message,
): Attack[] {
  return entries.map((entry) => attack(nameOf(entry), arrives, message(entry)));
}

/** Short, and readable where it holds control characters or bytes. */
const nameOf = (entry: string): string => JSON.stringify(entry.slice(0, 100)).slice(1, -1);
