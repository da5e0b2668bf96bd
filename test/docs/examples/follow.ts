import {
  type ChannelRequest,
  type ClientToServerEvents,
  type NotificationEvent,
  type ServerToClientEvents,
  type SessionEvent,
} from '@gw/contract';
import { io, type Socket } from 'socket.io-client';
import { SeenCursors } from './seen-cursors.js';

export interface Desk {
  /** Fetches the state of these APIs and shows it; repeats by itself what fails in passing. */
  load(apis: readonly string[]): Promise<void>;
  show(notification: NotificationEvent): void;
  expiring(event: SessionEvent): void;
  /** There is no session any more. */
  signedOut(): void;
  /** `load` or `show` has failed, and nothing is followed any more. */
  failed(error: unknown): void;
}

const REFUSED_AGAIN_MS = 5_000;

interface Refusal extends Error {
  data?: { code?: string; retryAfterMs?: number };
}

/** Follows the person's notifications across reconnections. Without `channels`: those of the profile. */
export function follow(desk: Desk, channels?: ChannelRequest[]) {
  let cursor: string | undefined;
  let work = Promise.resolve();
  let retry: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const seen = new SeenCursors();
  const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io({
    transports: ['websocket'],
    query: { understands: 'busy' },
    // Asked at each connection.
    auth: (send) => send({ after: cursor, channels }),
  });

  const stop = () => {
    stopped = true;
    clearTimeout(retry);
    socket.disconnect();
  };
  // What comes while state is being loaded waits its turn; after a failure nothing more is done.
  const inOrder = (step: () => void | Promise<void>) => {
    work = work.then(step);
    work.catch((error: unknown) => {
      if (stopped) return;
      stop();
      desk.failed(error);
    });
  };
  const reconnectIn = (ms: number) => {
    clearTimeout(retry);
    retry = setTimeout(() => {
      socket.io.reconnection(true);
      socket.disconnect().connect();
    }, ms);
  };

  socket.on('ready', (ready) =>
    inOrder(async () => {
      // Position first, then state: whatever happens from here on comes as a notification.
      cursor ??= ready.cursor;
      if (!ready.recovered) await desk.load(Object.keys(ready.apis));
    }),
  );
  socket.on('notification', (notification) =>
    inOrder(() => {
      if (!seen.add(notification.cursor)) return;
      desk.show(notification);
      cursor = notification.cursor;
    }),
  );
  socket.on('gap', (gap) =>
    inOrder(async () => {
      await desk.load([gap.api]);
      cursor = gap.cursor;
    }),
  );
  socket.on('session', (event) => {
    if (event.state === 'expiring') desk.expiring(event);
    else desk.signedOut();
  });
  socket.on('drain', ({ reconnectAfterMs }) => {
    // Or else the library would come back on its own, together with everybody else.
    socket.io.reconnection(false);
    reconnectIn(reconnectAfterMs);
  });
  socket.on('connect_error', ({ data }: Refusal) => {
    if (data?.code === 'unauthenticated') desk.signedOut();
    // The library tries again by itself, but not after a refusal.
    else if (!socket.active && !stopped) reconnectIn(data?.retryAfterMs ?? REFUSED_AGAIN_MS);
  });
  return { socket, stop };
}
