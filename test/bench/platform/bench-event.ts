import { nowMs } from '../measuring/now.js';

/** The channel that every candidate listens to. */
export const CHANNEL = '/workspace/v3/voice';

/** What is sent for one notification. */
export interface BenchEvent {
  readonly messageType: 'Bench';
  readonly run: number;
  /** On the machine's monotonic clock, so every process can tell how long it took. */
  readonly sentAt: number;
  readonly padding: string;
}

/** With what surrounds it, a notification of about 600 bytes. */
const PADDING_BYTES = 480;

export const benchEvent = (run: number, paddingBytes = PADDING_BYTES): BenchEvent => ({
  messageType: 'Bench',
  run,
  sentAt: nowMs(),
  padding: 'x'.repeat(paddingBytes),
});

export const userName = (number: number): string => `user${number}`;

export const PASSWORD = 'demo';

export function isBenchEvent(data: unknown): data is BenchEvent {
  return typeof data === 'object' && data !== null && 'messageType' in data && data.messageType === 'Bench';
}
