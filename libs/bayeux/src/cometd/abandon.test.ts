import { GatewayError, SystemClock, type Timer } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BayeuxReply, type BayeuxRequest } from '../bayeux-http.js';
import { HandshakePacer } from '../handshake-pacer.js';
import { BayeuxServer } from '../testing/bayeux-server.js';
import { Recorder } from '../testing/recorder.js';
import { SteeredHttp } from '../testing/steered-http.js';
import { CometdSession } from './cometd-session.js';

const VOICE = '/workspace/v3/voice';

/** Counts the timers that have not fired. */
class CountedClock extends SystemClock {
  pending = 0;

  override schedule(task: () => void, ms: number): Timer {
    let waits = true;
    const done = () => {
      if (waits) this.pending -= 1;
      waits = false;
    };
    this.pending += 1;
    const timer = super.schedule(() => {
      done();
      task();
    }, ms);
    return {
      cancel: () => {
        done();
        timer.cancel();
      },
    };
  }
}

/** Counts the requests that are under way. */
class CountedHttp extends SteeredHttp {
  underWay = 0;
  sent = 0;

  override async post(request: BayeuxRequest): Promise<BayeuxReply> {
    this.underWay += 1;
    this.sent += 1;
    try {
      return await super.post(request);
    } finally {
      this.underWay -= 1;
    }
  }
}

describe('a session that is abandoned', () => {
  let server: BayeuxServer;
  let recorder: Recorder;
  let http: CountedHttp;
  let session: CometdSession;
  let clock: CountedClock;

  function open(pacer = new HandshakePacer(100, new SystemClock())): void {
    recorder = new Recorder();
    http = new CountedHttp();
    clock = new CountedClock();
    session = new CometdSession({ url: server.url, http, listener: recorder, pacer, clock });
  }

  const connected = () => eventually(() => expect(recorder.state).toBe('connected'));
  const held = () => eventually(() => expect(server.count('/meta/connect')).toBe(2));

  /** Returns how often the server was asked for it. */
  function leaveUnanswered(channel: string): () => number {
    const before = server.count(channel);
    server.intercept = ([message]) => message?.channel === channel;
    return () => server.count(channel) - before;
  }

  /** For longer than a session waits before it repeats a connect; a subscription takes a second. */
  async function staysSilent(forMs = 700): Promise<void> {
    const { sent } = http;
    const stored = recorder.stored.length;
    const states = recorder.states.length;
    await new Promise((resolve) => setTimeout(resolve, forMs));
    expect(http.sent).toBe(sent);
    expect(recorder.stored).toHaveLength(stored);
    expect(recorder.states).toHaveLength(states);
    await eventually(() => expect(http.underWay).toBe(0));
    await eventually(() => expect(clock.pending).toBe(0));
  }

  beforeEach(async () => {
    server = await BayeuxServer.start({ timeoutMs: 30_000, maxIntervalMs: 30_000 });
    open();
  });
  afterEach(async () => {
    await session.close();
    await server.close();
  });

  it('aborts its poll, tells the server nothing, and has nothing left to close', async () => {
    session.start([VOICE]);
    await connected();
    await held();
    session.abandon();
    session.abandon();
    await eventually(() => expect(http.underWay).toBe(0));
    await session.close();
    await staysSilent();
    expect(server.count('/meta/disconnect')).toBe(0);
    expect(server.subscribers(VOICE)).toBe(1);
    expect(recorder.states.map(([state]) => state)).toEqual(['connecting', 'connected']);
  });

  it('sends nothing more when its listener learns, in storing a batch, that another process owns it', async () => {
    session.start([VOICE]);
    await connected();
    await held();
    recorder.beforeWrite = async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      session.abandon();
      throw new GatewayError('ownership_lost', 'unavailable', 'another one owns it');
    };
    server.publish(VOICE, 1);
    await eventually(() => expect(http.underWay).toBe(0));
    await staysSilent();
    expect(http.sent).toBe(server.received.length);
    expect(recorder.stored).toHaveLength(1);
    expect(server.count('/meta/connect')).toBe(2);
  });

  it('does not acknowledge what was being stored', async () => {
    session.start([VOICE]);
    await connected();
    await held();
    let written = () => {};
    recorder.beforeWrite = () => new Promise((resolve) => (written = resolve));
    server.publish(VOICE, 1);
    await eventually(() => expect(http.underWay).toBe(0));
    session.abandon();
    written();
    await eventually(() => expect(recorder.data).toEqual([1]));
    await staysSilent();
    expect(server.count('/meta/connect')).toBe(2);
  });

  it('takes no reply that comes in spite of the abort', async () => {
    session.start([VOICE]);
    await connected();
    await held();
    let answer = (_reply: BayeuxReply) => {};
    http.post = () => new Promise((resolve) => (answer = resolve));
    server.publish(VOICE, 1);
    await eventually(() => expect(recorder.data).toEqual([1]));
    session.abandon();
    answer({ kind: 'reply', status: 200, body: '[{"channel":"/workspace/v3/voice","data":2}]' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(recorder.data).toEqual([1]);
  });

  it('lets nobody wait for an answer', async () => {
    session.start([VOICE]);
    await connected();
    // One is under way, the others wait for their turn.
    const asked = leaveUnanswered('/meta/subscribe');
    const subscribing = [session.subscribe('/extra'), session.subscribe('/other')];
    const publishing = [session.publish('/service/x', 1), session.publish('/service/x', 2)];
    await eventually(() => expect(asked()).toBe(1));
    session.abandon();
    expect(await Promise.all(subscribing)).toEqual(['pending', 'pending']);
    expect(await Promise.all(publishing)).toEqual([false, false]);
    expect(await session.subscribe('/more')).toBe('pending');
    expect(await session.publish('/service/x', 3)).toBe(false);
    session.unsubscribe(VOICE);
    session.restart();
    await staysSilent(1_300);
  });

  it('ends the wait for its own end at the server', async () => {
    session.start([VOICE]);
    await connected();
    const asked = leaveUnanswered('/service/x');
    void session.publish('/service/x', 1);
    await eventually(() => expect(asked()).toBe(1));
    const closing = session.close();
    const begun = performance.now();
    session.abandon();
    await closing;
    expect(performance.now() - begun).toBeLessThan(3_000);
    await staysSilent();
    expect(server.count('/meta/disconnect')).toBe(0);
  });

  it('aborts also what it asked of a session that was lost since', async () => {
    session.start([VOICE]);
    await connected();
    await held();
    const asked = leaveUnanswered('/service/x');
    void session.publish('/service/x', 1);
    await eventually(() => expect(asked()).toBe(1));
    session.restart();
    await eventually(() => expect(recorder.sessionStarts).toBe(2));
    session.abandon();
    await eventually(() => expect(http.underWay).toBe(0), 3_000);
  });

  it.each([
    ['before it began', () => {}],
    ['while it waits for its turn to handshake', () => session.start([VOICE])],
    ['before its first connect went out', () => session.resume(saved, [VOICE], [VOICE])],
  ])('sends nothing %s', async (_when, begin) => {
    const handshakes = new HandshakePacer(0.001, new SystemClock());
    // The first of all has its turn at once.
    handshakes.reserve();
    open(handshakes);
    begin();
    session.abandon();
    await staysSilent();
    expect(http.sent).toBe(0);
  });

  it('stays abandoned when it is started again', async () => {
    session.abandon();
    session.start([VOICE]);
    await staysSilent();
    expect(http.sent).toBe(0);
  });
});

const saved = {
  state: JSON.stringify({
    version: 2,
    clientId: 'c',
    acknowledged: false,
    supportedConnectionTypes: ['long-polling'],
    advice: {},
  }),
};
