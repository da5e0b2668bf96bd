import { type BayeuxMessage } from './message.js';

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

const VERSION = 1;

export function writeSavedSession(session: SavedSession): string {
  return JSON.stringify({ version: VERSION, acknowledged: session.ack !== undefined, ...session });
}

/** Undefined when it is not ours to read: damaged, or of another version. */
export function readSavedSession(state: string): SavedSession | undefined {
  const value = parse(state);
  if (!isRecord(value) || value.version !== VERSION) return undefined;
  const { clientId, acknowledged, ack, supportedConnectionTypes, advice } = value;
  if (typeof clientId !== 'string' || clientId === '') return undefined;
  if (acknowledged !== isAck(ack) || (!acknowledged && ack !== undefined)) return undefined;
  return {
    clientId,
    ack: isAck(ack) ? ack : undefined,
    supportedConnectionTypes: stringsOf(supportedConnectionTypes),
    advice: isRecord(advice) ? savedAdvice(advice) : {},
  };
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
