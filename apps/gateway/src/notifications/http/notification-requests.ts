import { type ChannelRequest, type Cursor } from '@gw/contract';
import { parseCursor } from '@gw/journal';
import { GatewayError } from '@gw/kernel';
import { z } from 'zod';

/** Longest wait of a poll, in seconds. */
const MAX_WAIT_S = 30;
/** What a client may ask for on a socket, too. */
const MAX_CHANNELS = 100;
const MAX_CURSOR_LENGTH = 128;

/** What both ways of asking have in common. */
export interface NotificationsRequest {
  readonly after: Cursor | undefined;
  /** Absent: the default channels of every API. */
  readonly channels: readonly ChannelRequest[] | undefined;
}

export interface PollRequest extends NotificationsRequest {
  readonly waitMs: number;
}

const cursor = z.string().refine((text) => parseCursor(text) !== undefined, 'must be a cursor of ours');

const wait = z
  .string()
  .regex(/^\d{1,2}$/u, `must be a whole number of seconds up to ${MAX_WAIT_S}`)
  .transform(Number)
  .refine((seconds) => seconds <= MAX_WAIT_S, `must be at most ${MAX_WAIT_S} seconds`)
  .transform((seconds) => seconds * 1_000);

/** `api:channel`, several with commas in between or as several parameters. */
const channels = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => [given].flat().flatMap((list) => list.split(',')))
  .refine((list) => list.length <= MAX_CHANNELS, `must be at most ${MAX_CHANNELS}`)
  .refine((list) => list.every(isChannelRequest), 'must be a list of api:channel')
  .transform((list) => list.map(channelRequestOf));

const streamQuery = z.object({ after: cursor.optional(), channels: channels.optional() });
const pollQuery = streamQuery.extend({ wait: wait.default(0) });

/** @throws {GatewayError} `bad_request`, naming the wrong parameters. */
export function pollRequestOf(query: unknown): PollRequest {
  const { after, channels, wait } = parse(pollQuery, query);
  return { after, channels, waitMs: wait };
}

/**
 * `Last-Event-ID` goes before `after`: a browser that comes back by itself still has the address that it
 * began with. One that is no cursor of ours is answered by a gap, as an error would end the stream for good.
 *
 * @throws {GatewayError} as `pollRequestOf`.
 */
export function streamRequestOf(
  query: unknown,
  lastEventId: string | string[] | undefined,
): NotificationsRequest {
  const { after, channels } = parse(streamQuery, query);
  const last = typeof lastEventId === 'string' ? lastEventId.slice(0, MAX_CURSOR_LENGTH) : '';
  return { after: last === '' ? after : last, channels };
}

function parse<T>(schema: z.ZodType<T>, query: unknown): T {
  const { success, data, error } = schema.safeParse(query);
  if (success) return data;
  const wrong = error.issues.map(({ path, message }) => `${String(path[0])} ${message}`);
  throw new GatewayError('bad_request', 'bad_request', wrong.join('; '));
}

const isChannelRequest = (text: string): boolean => /^[^:]{1,64}:.{1,255}$/u.test(text);

function channelRequestOf(text: string): ChannelRequest {
  const colon = text.indexOf(':');
  return { api: text.slice(0, colon), channel: text.slice(colon + 1) };
}
