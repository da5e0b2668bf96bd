import { hash } from 'node:crypto';
import { type BayeuxMessage } from './message.js';

/** What another process needs to go on; see `Inbound`. */
export interface SavedState {
  readonly state: string;
  readonly mark?: string | undefined;
}

/** What a process must know of a Bayeux session to go on with it. */
export interface SavedSession {
  readonly clientId: string;
  /** What the next connect acknowledges; undefined in a session without acknowledgements. */
  readonly ack: number | undefined;
  /** From the handshake. */
  readonly supportedConnectionTypes: readonly string[];
  readonly advice: SavedAdvice;
}

/**
 * The server's last advice, in milliseconds. `interval`, the wait between two connects, is not kept: the
 * first connect must come at once, and whoever wants an interval advises it again in the reply.
 */
export interface SavedAdvice {
  readonly timeout?: number;
  readonly maxInterval?: number;
}

const VERSION = 2;

/** All but the acknowledgement, which has a mark of its own: that moves with each batch, and this hardly ever. */
export function writeState({ clientId, ack, supportedConnectionTypes, advice }: SavedSession): string {
  const acknowledged = ack !== undefined;
  return JSON.stringify({ version: VERSION, acknowledged, clientId, supportedConnectionTypes, advice });
}

/** Stands for a client id in what is stored in clear, and does not tell it. */
export const digestOf = (clientId: string): string => hash('sha256', clientId, 'base64url').slice(0, 22);

/** Names an acknowledgement in one session. */
export const writeMark = (digest: string, ack: number): string => `${digest}:${ack}`;

/**
 * Undefined when it is not ours to read: damaged, of another version, or of a session with acknowledgements to which
 * the mark does not belong. Where only one of the two was stored, nothing can be gone on from.
 */
export function readSavedSession({ state, mark }: SavedState): SavedSession | undefined {
  const value = readState(state);
  if (!value) return undefined;
  const { clientId, acknowledged, supportedConnectionTypes, advice } = value;
  const ack = acknowledged ? ackIn(mark, digestOf(clientId)) : undefined;
  if (acknowledged && ack === undefined) return undefined;
  return {
    clientId,
    ack,
    supportedConnectionTypes: stringsOf(supportedConnectionTypes),
    advice: isRecord(advice) ? savedAdvice(advice) : {},
  };
}

/** Whose session it is; undefined as above. */
export const clientIdIn = (state: string): string | undefined => readState(state)?.clientId;

function readState(
  state: string,
): (Record<string, unknown> & { clientId: string; acknowledged: boolean }) | undefined {
  const value = parse(state);
  if (!isRecord(value) || value.version !== VERSION) return undefined;
  const { clientId, acknowledged } = value;
  if (typeof clientId !== 'string' || clientId === '' || typeof acknowledged !== 'boolean') return undefined;
  return { ...value, clientId, acknowledged };
}

function ackIn(mark: string | undefined, digest: string): number | undefined {
  if (!mark?.startsWith(`${digest}:`)) return undefined;
  const ack = mark.slice(digest.length + 1);
  return /^-?\d+$/.test(ack) && isAck(Number(ack)) ? Number(ack) : undefined;
}

export function savedAdvice(advice: NonNullable<BayeuxMessage['advice']>): SavedAdvice {
  const { timeout, maxInterval } = advice;
  return {
    ...(isDuration(timeout) && { timeout }),
    ...(isDuration(maxInterval) && { maxInterval }),
  };
}

export function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

export function isAck(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
