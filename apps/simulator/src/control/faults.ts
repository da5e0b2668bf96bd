import { type Api } from '../apis.js';

/** What a request is about to do; each is a place where a fault can strike. */
export const FAULT_POINTS = [
  'handshake',
  'connect',
  'subscribe',
  'unsubscribe',
  'disconnect',
  'init',
  'rest',
  'logout',
  'authorize',
  'token',
  'userinfo',
  'sign-out',
] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

/**
 * - `status`: answers with `status` (default 500) instead of doing anything
 * - `unknown-session`: the CometD or HTTP session is not known: Bayeux 402 with handshake advice, REST 403/603
 * - `hang`: never answers
 * - `delay`: does it `delayMs` later
 * - `truncate`: does it, and sends half of the reply's body
 * - `reset`: resets the TCP connection, nothing is done
 * - `lose-reply`: does it, and resets the TCP connection in place of the reply
 */
export const FAULT_KINDS = [
  'status',
  'unknown-session',
  'hang',
  'delay',
  'truncate',
  'reset',
  'lose-reply',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  /** Absent: any, and Authentication. */
  readonly api?: Api | 'auth' | undefined;
  /** Absent: any, also requests nobody can be found for. */
  readonly user?: string | undefined;
  readonly on: FaultPoint;
  /** Absent: any. Else what the path of the request ends with, for example `/configuration`. */
  readonly path?: string | undefined;
  readonly kind: FaultKind;
  readonly status?: number | undefined;
  readonly delayMs?: number | undefined;
  /** How often it strikes; default 1, Infinity allowed. */
  readonly times?: number | undefined;
}

export interface Occasion {
  readonly api: Api | 'auth';
  readonly on: FaultPoint;
  readonly user: string | undefined;
}

interface Armed {
  readonly fault: Fault;
  left: number;
}

/** The faults that wait for their occasion; the oldest that fits strikes, one at a time. */
export class Faults {
  readonly #armed = new Map<string, Armed>();
  #lastId = 0;

  /** @returns the id to remove it by */
  add(fault: Fault): string {
    const id = `fault-${++this.#lastId}`;
    this.#armed.set(id, { fault, left: fault.times ?? 1 });
    return id;
  }

  /** False when it was not there, or had struck for the last time. */
  remove(id: string): boolean {
    return this.#armed.delete(id);
  }

  clear(): void {
    this.#armed.clear();
  }

  /** The armed ones, with how often each can still strike. */
  list(): (Fault & { id: string; left: number })[] {
    return [...this.#armed].map(([id, { fault, left }]) => ({ ...fault, id, left }));
  }

  /** @param path of the request, without its query */
  take(occasion: Occasion, path: string): Fault | undefined {
    for (const [id, armed] of this.#armed) {
      if (!fits(armed.fault, occasion, path)) continue;
      armed.left -= 1;
      if (armed.left <= 0) this.#armed.delete(id);
      return armed.fault;
    }
    return undefined;
  }
}

function fits(fault: Fault, occasion: Occasion, path: string): boolean {
  return (
    fault.on === occasion.on &&
    (fault.api === undefined || fault.api === occasion.api) &&
    (fault.user === undefined || fault.user === occasion.user) &&
    (fault.path === undefined || path.endsWith(fault.path))
  );
}
