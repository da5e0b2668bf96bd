import { type Acknowledgement } from '@gw/contract';

export function refusal(code: string, message: string): Acknowledgement {
  return { ok: false, error: { code, message } };
}

/** Answers what a client sent, if it asked for an answer. */
export function acknowledge(packet: readonly unknown[], answer: Acknowledgement): void {
  const last = packet.at(-1);
  if (isAcknowledge(last)) last(answer);
}

/** What Socket.IO hands over when the client wants an answer. */
function isAcknowledge(value: unknown): value is (answer: Acknowledgement) => void {
  return typeof value === 'function';
}
