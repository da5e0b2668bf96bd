import { GatewayError, SystemClock } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HandshakePacer } from '../handshake-pacer.js';
import { BayeuxServer, type BayeuxServerOptions } from '../testing/bayeux-server.js';
import { Recorder } from '../testing/recorder.js';
import { SteeredHttp } from '../testing/steered-http.js';
import { CometdSession } from './cometd-session.js';

const VOICE = '/workspace/v3/voice';

describe('A Bayeux session', () => {
  let server: BayeuxServer;
  let recorder: Recorder;
  let http: SteeredHttp;
  let session: CometdSession;

  async function open(options?: BayeuxServerOptions): Promise<void> {
    server = await BayeuxServer.start(options);
    recorder = new Recorder();
    http = new SteeredHttp();
    const clock = new SystemClock();
    const pacer = new HandshakePacer(100, clock);
    session = new CometdSession({ url: server.url, http, listener: recorder, pacer, clock });
  }
  const connected = () => eventually(() => expect(recorder.state).toBe('connected'));

  /** The first connect is answered at once; the next one is held. */
  const held = () => eventually(() => expect(server.count('/meta/connect')).toBe(2));

  beforeEach(() => open());
  afterEach(async () => {
    await session.close();
    await server.close();
  });

  it('says connecting, then connected once each channel is subscribed', async () => {
    session.start([VOICE, '/workspace/v3/media']);
    await connected();
    expect(recorder.states).toEqual([
      ['connecting', undefined],
      ['connected', undefined],
    ]);
    expect(server.subscribers(VOICE)).toBe(1);
    expect(server.subscribers('/workspace/v3/media')).toBe(1);
    expect(recorder.stored).toMatchObject([{ sessionStart: true, loss: false, messages: [] }]);
  });

  it('works at a URL to which nothing may be appended, because its last segment has a dot', async () => {
    const url = server.url.replace('/notifications', '/cometd/64.0');
    const clock = new SystemClock();
    const pacer = new HandshakePacer(100, clock);
    session = new CometdSession({ url, http, listener: recorder, pacer, clock });
    session.start([VOICE]);
    await connected();
    await held();
    expect(recorder.sessionStarts).toBe(1);
    server.publish(VOICE, { n: 1 });
    await eventually(() => expect(recorder.data).toEqual([{ n: 1 }]));
    session.restart();
    await eventually(() => expect(recorder.sessionStarts).toBe(2));
  });

  it('says of each poll whether what it brings will come again', async () => {
    /** What is said of each request from now on. */
    const saidOfRequests = () => {
      const said: unknown[] = [];
      const post = http.post.bind(http);
      http.post = (request) => {
        said.push(request.poll);
        return post(request);
      };
      return said;
    };
    const polls = saidOfRequests();
    session.start([VOICE]);
    await connected();
    await held();
    const ofKind = (poll: unknown) => polls.filter((one) => one === poll).length;
    expect(ofKind('acknowledged')).toBe(2);
    // The handshake and the subscription.
    expect(ofKind(undefined)).toBe(2);
    await session.close();
    await server.close();
    await open({ acks: false });
    const withoutAcks = saidOfRequests();
    session.start([VOICE]);
    await connected();
    expect(withoutAcks).toContain('unacknowledged');
    expect(withoutAcks).not.toContain('acknowledged');
  });

  it('connects after a handshake that carried messages, and stores them', async () => {
    const post = http.post.bind(http);
    http.post = async (request) => {
      const reply = await post(request);
      if (!request.isHandshake || reply.kind !== 'reply') return reply;
      const [handshake] = JSON.parse(reply.body) as object[];
      const messages = [
        { ...handshake, 'x-messages': 1 },
        { channel: VOICE, data: { n: 0 } },
      ];
      return { ...reply, body: JSON.stringify(messages) };
    };
    session.start([VOICE]);
    await connected();
    expect(recorder.data).toEqual([{ n: 0 }]);
  });

  it('stores each message before it acknowledges it', async () => {
    session.start([VOICE]);
    await connected();
    await held();
    let written = () => {};
    recorder.beforeWrite = () => new Promise((resolve) => (written = resolve));
    const connects = server.count('/meta/connect');
    server.publish(VOICE, { n: 1 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(server.count('/meta/connect')).toBe(connects);
    written();
    await eventually(() => expect(server.count('/meta/connect')).toBe(connects + 1));
    expect(recorder.data).toEqual([{ n: 1 }]);
  });

  it('neither loses nor doubles a message when storing it fails once, and does not acknowledge it early', async () => {
    session.start([VOICE]);
    await connected();
    await held();
    const before = server.acks.at(-1) as number;
    let failures = 0;
    recorder.beforeWrite = () => {
      failures += 1;
      recorder.beforeWrite = () => Promise.resolve();
      return Promise.reject(new Error('the journal is away'));
    };
    server.publish(VOICE, { n: 1 });
    await eventually(() => expect(recorder.data).toEqual([{ n: 1 }]));
    server.publish(VOICE, { n: 2 });
    await eventually(() => expect(recorder.data).toEqual([{ n: 1 }, { n: 2 }]));
    expect(failures).toBe(1);
    expect(recorder.sessionStarts).toBe(1);
    // The connect that followed the failed write repeated the acknowledgement of before.
    expect(server.acks.filter((ack) => ack === before).length).toBeGreaterThanOrEqual(2);
  });

  it('keeps bursts whole and in order', async () => {
    session.start([VOICE]);
    await connected();
    const numbers = Array.from({ length: 1_000 }, (_, n) => n);
    for (const n of numbers) server.publish(VOICE, n);
    await eventually(() => expect(recorder.data).toEqual(numbers));
  });

  it('handshakes and subscribes again, once, when the server forgot it, and reports the new session', async () => {
    session.start([VOICE]);
    await connected();
    server.forgetOnce();
    server.publish(VOICE, 'before');
    await eventually(() => expect(recorder.sessionStarts).toBe(2));
    await connected();
    server.publish(VOICE, 'after');
    await eventually(() => expect(recorder.data).toEqual(['before', 'after']));
    expect(recorder.states.map(([state]) => state)).toEqual([
      'connecting',
      'connected',
      'interrupted',
      'connected',
    ]);
    expect(server.count('/meta/handshake')).toBe(2);
  });

  it('handshakes at a guarded rate when the server answers 402 to every connect', async () => {
    server.intercept = (messages, response) => {
      const [connect] = messages.filter(({ channel }) => channel === '/meta/connect');
      if (!connect) return false;
      const advice = { reconnect: 'handshake', interval: 0 };
      response.end(
        JSON.stringify([{ ...connect, successful: false, error: '402::session_unknown', advice }]),
      );
      return true;
    };
    session.start([VOICE]);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const handshakes = server.count('/meta/handshake');
    expect(handshakes).toBeGreaterThanOrEqual(2);
    expect(handshakes).toBeLessThanOrEqual(4);
  });

  it('goes on with the same session after a connection was cut', async () => {
    session.start([VOICE]);
    await connected();
    server.intercept = (messages, response) => {
      if (messages[0]?.channel !== '/meta/connect') return false;
      server.intercept = () => false;
      response.destroy();
      return true;
    };
    server.publish(VOICE, 1);
    await eventually(() => expect(recorder.states.map(([state]) => state)).toContain('interrupted'));
    expect(recorder.states.at(2)).toEqual(['interrupted', 'upstream_unreachable']);
    await connected();
    server.publish(VOICE, 2);
    await eventually(() => expect(recorder.data).toEqual([1, 2]));
    expect(server.count('/meta/handshake')).toBe(1);
    expect(recorder.stored.some(({ loss }) => loss)).toBe(false);
  });

  it.each([
    ['truncated JSON', '[{"channel":"/meta/conn'],
    ['something that is no message', '[null]'],
    ['no reply to the connect', '[{"channel":"/elsewhere","data":1}]'],
    ['an empty array', '[]'],
  ])('survives %s in place of a connect reply', async (_what, body) => {
    session.start([VOICE]);
    await connected();
    server.intercept = (messages, response) => {
      if (messages[0]?.channel !== '/meta/connect') return false;
      server.intercept = () => false;
      response.end(body);
      return true;
    };
    server.publish(VOICE, 'wakes the pending connect');
    await eventually(() => expect(recorder.states.some(([state]) => state === 'interrupted')).toBe(true));
    await connected();
    server.publish(VOICE, 'after');
    await eventually(() => expect(recorder.data).toContain('after'));
  });

  const connectRepliesWith = (change: (reply: Record<string, unknown>) => void, times = 1) => {
    const post = http.post.bind(http);
    let left = times;
    http.post = async (request) => {
      const reply = await post(request);
      if (reply.kind !== 'reply' || !request.body.includes('/meta/connect') || left-- <= 0) return reply;
      const messages = JSON.parse(reply.body) as Record<string, unknown>[];
      for (const message of messages) if (message.channel === '/meta/connect') change(message);
      return { ...reply, body: JSON.stringify(messages) };
    };
  };

  it.each([
    ['is missing', (reply: Record<string, unknown>) => delete reply.ext],
    ['goes back', (reply: Record<string, unknown>) => (reply.ext = { ack: -1 })],
  ])('ends, for one without acknowledgements, when one of them %s', async (_what, change) => {
    session.start([VOICE]);
    await connected();
    await held();
    connectRepliesWith(change);
    server.publish(VOICE, 1);
    await eventually(() => expect(recorder.sessionStarts).toBe(2));
    await connected();
    await eventually(() => expect(server.subscribers(VOICE)).toBe(1));
    server.publish(VOICE, 2);
    await eventually(() => expect(recorder.data).toEqual([1, 2]));
    expect(recorder.states.slice(2)).toEqual([
      ['interrupted', 'acknowledgements_broken'],
      ['connected', undefined],
    ]);
    const handshakes = server.received.filter(({ channel }) => channel === '/meta/handshake');
    expect(handshakes.map(({ ext }) => ext?.ack)).toEqual([true, false]);
    // At the server as well, so that there are never two.
    expect(server.count('/meta/disconnect')).toBe(1);
    expect(server.acks.at(-1)).toBeUndefined();
  });

  it('goes on whatever advice a connect brings', async () => {
    session.start([VOICE]);
    await connected();
    await held();
    connectRepliesWith((reply) => (reply.advice = { reconnect: 'maybe', interval: 'soon', timeout: -1 }), 3);
    for (const n of [1, 2, 3, 4]) {
      server.publish(VOICE, n);
      await eventually(() => expect(recorder.data).toContain(n));
    }
    expect(recorder.states).toHaveLength(2);
  });

  it('takes a 402 of the HTTP server for that of the CometD server', async () => {
    session.start([VOICE]);
    await connected();
    let struck = false;
    http.steer = ({ body }) => {
      if (struck || !body.includes('/meta/connect')) return undefined;
      struck = true;
      return { kind: 'reply', status: 402, body: '' };
    };
    await held();
    server.publish(VOICE, 'wakes the poll');
    await eventually(() => expect(recorder.sessionStarts).toBe(2));
    expect(recorder.states).toContainEqual(['interrupted', 'session_unknown']);
  });

  it('stops and says so when a handshake succeeds and advises to reconnect no more', async () => {
    server.intercept = (messages, response) => {
      const handshake = messages.find(({ channel }) => channel === '/meta/handshake');
      if (!handshake) return false;
      const more = { successful: true, clientId: 'c', advice: { reconnect: 'none' } };
      response.end(JSON.stringify([{ ...handshake, supportedConnectionTypes: ['long-polling'], ...more }]));
      return true;
    };
    session.start([VOICE]);
    await eventually(() => expect(recorder.states.at(-1)).toEqual(['refused', 'reconnect_none']));
  });

  it('asks again for its subscriptions when a connect has failed, and keeps those that it has', async () => {
    session.start([VOICE]);
    await connected();
    await held();
    server.intercept = (messages, response) => {
      if (messages[0]?.channel !== '/meta/connect') return false;
      server.intercept = () => false;
      response.destroy();
      return true;
    };
    server.publish(VOICE, 1);
    await eventually(() => expect(server.count('/meta/subscribe')).toBe(2));
    await connected();
    expect(await session.subscribe(VOICE)).toBe('active');
    expect(server.subscribers(VOICE)).toBe(1);
    session.unsubscribe(VOICE);
    await eventually(() => expect(server.subscribers(VOICE)).toBe(0));
  });

  it('asks again for its subscriptions from time to time', async () => {
    await session.close();
    let laterMs = 0;
    class HastyClock extends SystemClock {
      override now() {
        return super.now() + laterMs;
      }
    }
    const clock = new HastyClock();
    const pacer = new HandshakePacer(100, clock);
    recorder = new Recorder();
    session = new CometdSession({ url: server.url, http, listener: recorder, pacer, clock });
    session.start([VOICE]);
    await connected();
    for (let times = 2; times <= 3; times += 1) {
      server.publish(VOICE, 'too early');
      await eventually(() => expect(recorder.data).toHaveLength(2 * times - 3));
      expect(server.count('/meta/subscribe')).toBe(times - 1);
      laterMs += 450_000;
      server.publish(VOICE, 'in time');
      await eventually(() => expect(server.count('/meta/subscribe')).toBe(times));
    }
    expect(server.subscribers(VOICE)).toBe(1);
    expect(recorder.states).toHaveLength(2);
  });

  it('asks the server again, not itself, for a channel whose refusal does not name it', async () => {
    let refusals = 0;
    server.intercept = (messages, response) => {
      if (messages[0]?.channel !== '/meta/subscribe' || refusals > 0) return false;
      refusals += 1;
      const answers = messages.map(({ channel, ...others }) => {
        return { id: (others as { id?: string }).id, channel, successful: false, error: '402::unknown' };
      });
      response.end(JSON.stringify(answers));
      return true;
    };
    session.start([VOICE]);
    await connected();
    expect(refusals).toBe(1);
    expect(server.subscribers(VOICE)).toBe(1);
  });

  it('says so when it is connected and the server refuses a channel', async () => {
    server.intercept = (messages, response) => {
      const [subscribe] = messages;
      if (subscribe?.channel !== '/meta/subscribe') return false;
      response.end(JSON.stringify([{ ...subscribe, successful: false, error: '403::denied' }]));
      return true;
    };
    session.start([VOICE]);
    await eventually(() => expect(recorder.states.at(-1)).toEqual(['connected', 'subscription_refused']));
  });

  it('reports a loss after a failed connect to a server without acknowledgements', async () => {
    await session.close();
    await server.close();
    await open({ acks: false });
    session.start([VOICE]);
    await connected();
    server.intercept = (messages, response) => {
      if (messages[0]?.channel !== '/meta/connect') return false;
      server.intercept = () => false;
      response.destroy();
      return true;
    };
    server.publish(VOICE, 1);
    await eventually(() => expect(recorder.stored.some(({ loss }) => loss)).toBe(true));
    server.publish(VOICE, 2);
    await eventually(() => expect(recorder.data).toContain(2));
    expect(recorder.stored.filter(({ loss }) => loss)).toHaveLength(1);
  });

  it('stops and says why when the upstream refuses the user', async () => {
    http.steer = () => ({ kind: 'refused', reason: 'forbidden' });
    session.start([VOICE]);
    await eventually(() => expect(recorder.states.at(-1)).toEqual(['refused', 'forbidden']));
    expect(server.received).toEqual([]);
  });

  it('stops when the server advises to reconnect no more', async () => {
    server.intercept = (messages, response) => {
      const [handshake] = messages;
      const advice = { reconnect: 'none' };
      response.end(JSON.stringify([{ ...handshake, successful: false, error: '403::denied', advice }]));
      return true;
    };
    session.start([VOICE]);
    await eventually(() => expect(recorder.states.at(-1)).toEqual(['refused', 'reconnect_none']));
    expect(server.count('/meta/handshake')).toBe(1);
  });

  it('stops and says so when the server throws it out', async () => {
    session.start([VOICE]);
    await connected();
    await held();
    server.expel(VOICE);
    await eventually(() => expect(recorder.states.at(-1)).toEqual(['refused', 'disconnected']));
  });

  it('handshakes anew at once when its HTTP session was replaced during a long poll', async () => {
    session.start([VOICE]);
    await connected();
    session.restart();
    await eventually(() => expect(recorder.sessionStarts).toBe(2), 2_000);
    await connected();
    server.publish(VOICE, 'new');
    await eventually(() => expect(recorder.data).toEqual(['new']));
  });

  it('subscribes and unsubscribes while connected, and says when the server refuses', async () => {
    session.start([VOICE]);
    await connected();
    expect(await session.subscribe('/extra')).toBe('active');
    expect(server.subscribers('/extra')).toBe(1);
    session.unsubscribe('/extra');
    await eventually(() => expect(server.subscribers('/extra')).toBe(0));
    server.intercept = ([message], response) => {
      if (message?.channel !== '/meta/subscribe') return false;
      response.end(JSON.stringify([{ ...message, successful: false, error: '403::subscribe_failed' }]));
      return true;
    };
    expect(await session.subscribe('/forbidden')).toBe('refused');
  });

  it('takes a subscription that a lost session refused for one to be made again', async () => {
    session.start([VOICE]);
    await connected();
    server.intercept = ([message], response) => {
      if (message?.channel !== '/meta/subscribe') return false;
      server.intercept = () => false;
      response.end(JSON.stringify([{ ...message, successful: false, error: '402::session_unknown' }]));
      return true;
    };
    expect(await session.subscribe('/extra')).toBe('pending');
    await eventually(() => expect(server.subscribers('/extra')).toBe(1));
  });

  it('does not poll at full speed a server that holds no connect', async () => {
    session.start([VOICE]);
    await connected();
    server.intercept = ([message], response) => {
      if (message?.channel !== '/meta/connect') return false;
      response.end(JSON.stringify([{ ...message, successful: true }]));
      return true;
    };
    server.publish(VOICE, 'ends the connect that is being held');
    await eventually(() => expect(recorder.data).toHaveLength(1));
    const before = server.count('/meta/connect');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(server.count('/meta/connect') - before).toBeLessThan(12);
  });

  it('asks again for a subscription whose reply was lost', async () => {
    let lost = false;
    server.intercept = ([message], response) => {
      if (message?.channel !== '/meta/subscribe' || lost) return false;
      lost = true;
      response.destroy();
      return true;
    };
    session.start([VOICE]);
    await connected();
    expect(server.subscribers(VOICE)).toBe(1);
    expect(server.count('/meta/handshake')).toBe(1);
  });

  it('retries the handshake while the upstream is unreachable', async () => {
    let attempts = 0;
    http.steer = () => {
      attempts += 1;
      if (attempts < 3) throw new GatewayError('upstream_unreachable', 'bad_gateway', 'down');
      return undefined;
    };
    session.start([VOICE]);
    await connected();
    expect(attempts).toBeGreaterThanOrEqual(3);
  });

  it('ends the session at the server when it is closed, and then is silent', async () => {
    session.start([VOICE]);
    await connected();
    await session.close();
    expect(server.count('/meta/disconnect')).toBe(1);
    expect(server.subscribers(VOICE)).toBe(0);
    const received = server.received.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(server.received.length).toBe(received);
  });

  it('asks for nothing more once it was refused, and lets nobody wait for an answer', async () => {
    session.start([VOICE]);
    await connected();
    let asked = 0;
    server.intercept = ([message]) => {
      if (message?.channel === '/meta/subscribe') asked += 1;
      return message?.channel === '/meta/subscribe';
    };
    const subscribing = session.subscribe('/never-answered');
    await eventually(() => expect(asked).toBe(1));
    http.steer = () => ({ kind: 'refused', reason: 'forbidden' });
    server.publish(VOICE, 'ends the connect that is being held');
    await eventually(() => expect(recorder.state).toBe('refused'));
    expect(await subscribing).toBe('pending');
    let sent = 0;
    http.steer = () => {
      sent += 1;
      return undefined;
    };
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(sent).toBe(0);
  });

  it('can be closed before the upstream ever answered', async () => {
    http.steer = () => {
      throw new GatewayError('upstream_unreachable', 'bad_gateway', 'down');
    };
    session.start([VOICE]);
    await session.close();
    expect(recorder.state).toBe('connecting');
  });
});
