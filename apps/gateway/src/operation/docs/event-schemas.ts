import { z } from 'zod';

const cursor = z.string().describe('Opaque. Equal cursors are the same notification');
const state = z.enum(['connecting', 'connected', 'interrupted', 'refused']);
const time = z.iso.datetime();

/** The events that clients are sent, as `@gw/contract` has them. */
export const eventSchemas = {
  ready: z.object({
    user: z.object({ id: z.string(), userName: z.string(), displayName: z.string() }),
    cursor,
    recovered: z.boolean(),
    apis: z.record(z.string(), z.object({ state })),
  }),
  notification: z.object({
    cursor,
    api: z.string(),
    channel: z.string(),
    data: z.unknown(),
    receivedAt: time,
  }),
  gap: z.object({ api: z.string(), reason: z.enum(['window', 'epoch', 'upstream']), cursor }),
  upstream: z.object({ api: z.string(), state, reason: z.string().optional() }),
  session: z.object({ state: z.string(), reason: z.string(), at: time }),
  drain: z.object({ reconnectAfterMs: z.number() }),
  /** To the older socket of a native app. */
  replaced: z.object({ at: time }),
} as const;

/** Whether an event is as the schema of its name says. */
export const isDescribed = (name: keyof typeof eventSchemas, event: unknown): boolean =>
  eventSchemas[name].safeParse(event).success;
