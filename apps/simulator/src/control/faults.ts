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
 * Anywhere:
 *
 * - `status`: answers with `status` (default 500) instead of doing anything
 * - `unknown-session`: the CometD or HTTP session is not known: Bayeux 402 with handshake advice, REST 403/603
 * - `hang`: never answers
 * - `delay`: does it `delayMs` later
 * - `truncate`: does it, and sends half of the reply's body as if it were all
 * - `cut`: does it, and cuts the connection in the middle of the reply's body
 * - `reset`: resets the TCP connection, nothing is done
 * - `lose-reply`: does it, and resets the TCP connection in place of the reply
 */
const ANYWHERE = [
  'status',
  'unknown-session',
  'hang',
  'delay',
  'truncate',
  'cut',
  'reset',
  'lose-reply',
] as const;

/**
 * Of CometD requests; elsewhere they do nothing:
 *
 * - `refuse`: answers unsuccessful, with `error` (default `403::denied`) and `advice`, nothing is done
 * - `advise`: does it, and adds `advice` to that of the answer
 * - `omit-answer`: does it, and leaves the answer out; notifications of the same reply stay
 * - `repeat`: does it, and says everything in the reply twice
 * - `same-ids`: does it, and gives every message of the reply the answer's id
 * - `carry`: does it, and has `messages` in the reply as well, before the answer (behind that of a handshake)
 * - `no-ack`: does it, and takes `ext.ack` out of the answer
 * - `old-ack`: does it, and sets `ext.ack` of the answer one behind that of the request
 * - `ignore-ack`: does it as if the request had no `ext.ack`
 */
const COMETD = [
  'refuse',
  'advise',
  'omit-answer',
  'repeat',
  'same-ids',
  'carry',
  'no-ack',
  'old-ack',
  'ignore-ack',
] as const;

export const FAULT_KINDS = [...ANYWHERE, ...COMETD] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Of Bayeux, as a server may word it: also wrongly. */
type Advice = Readonly<Record<string, unknown>>;

interface CarriedMessage {
  readonly channel: string;
  readonly data: unknown;
}

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
  readonly error?: string | undefined;
  readonly advice?: Advice | undefined;
  readonly messages?: readonly CarriedMessage[] | undefined;
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
