import { type GapEvent, type NotificationEvent, type ReadyEvent, type SessionEvent } from '@gw/contract';
import { type Desk } from './follow.js';

const OPEN_AGAIN_MS = 5_000;

/** Follows the notifications where a socket is not possible. Returns how to stop. */
export function followStream(desk: Desk): () => void {
  let source: EventSource;
  let after: string | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  let work = Promise.resolve();
  const inOrder = (step: () => void | Promise<void>) => {
    work = work.then(step);
    work.catch((error: unknown) => {
      stop();
      desk.failed(error);
    });
  };
  const stop = () => {
    clearTimeout(again);
    source.close();
  };
  const open = () => {
    const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`;
    source = new EventSource(`/notifications/stream${query}`);
    const on = (name: string, act: (event: unknown) => void | Promise<void>) =>
      source.addEventListener(name, ({ data, lastEventId }: MessageEvent<string>) => {
        inOrder(async () => {
          await act(JSON.parse(data));
          if (lastEventId !== '') after = lastEventId;
        });
      });
    on('ready', async (event) => {
      const { recovered, apis } = event as ReadyEvent;
      if (!recovered) await desk.load(Object.keys(apis));
    });
    on('notification', (event) => desk.show(event as NotificationEvent));
    on('gap', (event) => desk.load([(event as GapEvent).api]));
    on('session', (event) => {
      const session = event as SessionEvent;
      if (session.state === 'expiring') {
        desk.expiring(session);
        return;
      }
      stop();
      desk.signedOut();
    });
    // A broken stream is opened again by the browser itself, a refused one is not.
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) again = setTimeout(open, OPEN_AGAIN_MS);
    };
  };
  open();
  return stop;
}
