import { type ChannelRequest, type HandshakeAuth } from '@gw/contract';
import { GatewayError, safelyParsed } from '@gw/kernel';
import { z } from 'zod';

const channelRequest = z.object({ api: z.string().min(1).max(64), channel: z.string().min(1).max(255) });

const handshakeAuth = z.object({
  token: z.string().max(4_096).optional(),
  after: z.string().max(128).optional(),
  channels: z.array(channelRequest).max(100).optional(),
});

const publishRequest = channelRequest.extend({ data: z.unknown() });

function parse<T>(schema: z.ZodType<T>, payload: unknown): T {
  const parsed = safelyParsed(schema, payload);
  if (parsed?.success) return parsed.data;
  const where = (parsed?.error.issues ?? [{ path: [] }])
    .map(({ path }) => path.join('.') || 'payload')
    .join(', ');
  throw new GatewayError('bad_request', 'bad_request', `malformed: ${where}`);
}

/** What clients send, read once. Each @throws {GatewayError} `bad_request`, naming the wrong members. */
export const socketRequests = {
  auth: (payload: unknown): HandshakeAuth => {
    const { token, after, channels } = parse(handshakeAuth, payload);
    return {
      ...(token !== undefined && { token }),
      ...(after !== undefined && { after }),
      ...(channels !== undefined && { channels }),
    };
  },
  channel: (payload: unknown): ChannelRequest => parse(channelRequest, payload),
  publish: (payload: unknown): ChannelRequest & { data?: unknown } => parse(publishRequest, payload),
};
