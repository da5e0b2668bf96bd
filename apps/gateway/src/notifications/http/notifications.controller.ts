import { GatewayError } from '@gw/kernel';
import { type Session } from '@gw/sessions';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { CallerAuthentication } from '../../auth/index.js';
import { HeldRequests } from './held-requests.js';
import { HttpNotifications } from './http-notifications.js';
import { pollRequestOf, streamRequestOf } from './notification-requests.js';

/** When who holds too many requests may try again, in seconds. */
const RETRY_AFTER_S = 1;

const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Else nginx, where it is not told otherwise, keeps events until it has enough of them.
  'x-accel-buffering': 'no',
};

/** Notifications for those who cannot hold a socket. */
@Controller('notifications')
export class NotificationsController {
  constructor(
    private readonly callers: CallerAuthentication,
    private readonly notifications: HttpNotifications,
    private readonly held: HeldRequests,
  ) {}

  /** A poll in the background is no use of the session, as an open socket is none. */
  @Get()
  async poll(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await answering(reply, async () => {
      const session = await this.callers.require(request.headers, { touch: false });
      const query = pollRequestOf(request.query);
      const waitMs = request.method === 'HEAD' ? 0 : query.waitMs;
      const body = await this.notifications.poll(session, { ...query, waitMs }, reply.raw);
      if (body === undefined) return;
      void reply.header('cache-control', 'no-store').type('application/json; charset=utf-8');
      // The next poll shall not come here.
      if (this.held.isDraining) void reply.header('connection', 'close');
      void reply.send(body);
    });
  }

  @Get('stream')
  async stream(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await answering(reply, async () => {
      const { headers, query } = request;
      const session = await this.callers.require(headers, { touch: true });
      const wanted = streamRequestOf(query, headers['last-event-id']);
      if (request.method === 'HEAD') void reply.headers(STREAM_HEADERS).send();
      else await this.#follow(session, wanted, reply);
    });
  }

  #follow(session: Session, wanted: ReturnType<typeof streamRequestOf>, reply: FastifyReply): Promise<void> {
    return this.notifications.stream(session, wanted, reply.raw, () => {
      const { raw } = reply.headers(STREAM_HEADERS).hijack();
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) raw.setHeader(name, value);
      }
      return raw.writeHead(200);
    });
  }
}

async function answering(reply: FastifyReply, answer: () => Promise<void>): Promise<void> {
  try {
    await answer();
  } catch (error) {
    const isTemporary =
      error instanceof GatewayError && ['too_many_requests', 'unavailable'].includes(error.kind);
    if (isTemporary) void reply.header('retry-after', RETRY_AFTER_S);
    throw error;
  }
}
