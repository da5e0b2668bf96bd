import { type ServerResponse } from 'node:http';
import { type AttachRequest, type Fanout } from '@gw/fanout';
import { type Clock } from '@gw/kernel';
import { type Session, type Sessions } from '@gw/sessions';
import { type SessionBearers } from '../../bearers.js';
import { type SocketEvents } from '../socket-events.js';
import { type SocketLimits } from '../socket-limits.js';
import { EventStream, type StreamResponse } from './event-stream.js';
import { type HeldRequest, type HeldRequests } from './held-requests.js';
import { LongPoll } from './long-poll.js';
import { type NotificationsRequest, type PollRequest } from './notification-requests.js';

/** How long it may take to learn what there is, beyond the time that the client wants to wait, in milliseconds. */
const CATCH_UP_WITHIN_MS = 5_000;

/** A held request, tied to its connection, its session and its place in the registry. */
type Held = HeldRequest & AttachRequest['sink'] & Pick<LongPoll, 'sessionChanged'>;

/** Long polls and event streams: clients of the fan-out that come by HTTP. */
export class HttpNotifications {
  constructor(
    private readonly fanout: Fanout,
    private readonly sessions: Sessions,
    private readonly bearers: SessionBearers,
    private readonly held: HeldRequests,
    private readonly clock: Clock,
    private readonly events: SocketEvents,
    private readonly limits: SocketLimits,
  ) {}

  /**
   * The body of the answer; undefined when the client has gone.
   *
   * @throws {GatewayError} those of `Fanout.attach` and `HeldRequests.hold`, `session_ended`, `state_unavailable`.
   */
  async poll(session: Session, request: PollRequest, response: ServerResponse): Promise<string | undefined> {
    if (response.destroyed) return undefined;
    const { waitMs } = request;
    const poll = new LongPoll({ waits: waitMs > 0 });
    const timers = [
      this.clock.schedule(() => poll.timeUp(false), waitMs),
      this.clock.schedule(() => poll.timeUp(true), waitMs + CATCH_UP_WITHIN_MS),
    ];
    response.once('close', () => poll.abandon());
    try {
      this.#attach(session, request, poll, poll.answer).catch((error: unknown) => poll.fail(error));
      return await poll.answer;
    } finally {
      for (const timer of timers) timer.cancel();
    }
  }

  /**
   * Resolves when the stream has begun; it ends by itself.
   *
   * @throws {GatewayError} as `poll`; nothing was sent then.
   */
  async stream(
    session: Session,
    request: NotificationsRequest,
    response: ServerResponse,
    open: () => StreamResponse,
  ): Promise<void> {
    if (response.destroyed) return;
    const stream = new EventStream({
      open,
      after: request.after,
      clock: this.clock,
      bufferBytes: this.limits.bufferBytes,
      tooSlow: () => this.events.slowConsumer(session.user.id),
    });
    const over = new Promise<void>((resolve) => void response.once('close', resolve));
    await this.#attach(session, request, stream, over);
    stream.requireOpen();
  }

  /** Until `over` settles, or at once when that is past. */
  async #attach(
    session: Session,
    { after, channels }: NotificationsRequest,
    request: Held,
    over: Promise<unknown>,
  ): Promise<void> {
    const letGo = this.held.hold(session.user.id, request);
    this.bearers.offer(session.user.id, session.id);
    const stopWatching = this.sessions.watch(session.id, (notice) => request.sessionChanged(notice));
    const release = () => {
      stopWatching();
      letGo();
    };
    over.then(release, release);
    try {
      const { user } = session;
      const client = await this.fanout.attach({ user, after, channels, sink: request });
      const detach = () => client.detach();
      over.then(detach, detach);
    } catch (error) {
      release();
      throw error;
    }
  }
}
