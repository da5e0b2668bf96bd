import { type Outcome } from '@gw/contract';

/** `status.code` of a reply that says: accepted, the outcome comes as a notification. */
const ACCEPTED = 1;

/** The reply's body if it says that the command was accepted; undefined for any other, JSON or not. */
export function acceptedIn(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  const reply = parsed(body.toString('utf8'));
  const status = isRecord(reply) ? reply.status : undefined;
  return isRecord(reply) && isRecord(status) && status.code === ACCEPTED ? reply : undefined;
}

/** The reply with the member `outcome`. All else stays as it is, to the byte. */
export function withOutcome(body: Buffer, outcome: Outcome): Buffer {
  const text = body.toString('utf8');
  const reply = parsed(text);
  // A member of that name is replaced.
  if (isRecord(reply) && Object.hasOwn(reply, 'outcome')) {
    return Buffer.from(JSON.stringify({ ...reply, outcome }));
  }
  const end = text.lastIndexOf('}');
  return Buffer.from(`${text.slice(0, end)},"outcome":${JSON.stringify(outcome)}${text.slice(end)}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
