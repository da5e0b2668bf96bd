import { SystemClock } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Inbound } from '../bayeux-session.js';
import { HandshakePacer } from '../handshake-pacer.js';
import { BayeuxServer, type BayeuxServerOptions } from '../testing/bayeux-server.js';
import { Recorder } from '../testing/recorder.js';
import { SteeredHttp } from '../testing/steered-http.js';
import { CometdSession } from './cometd-session.js';

const VOICE = '/workspace/v3/voice';
const MEDIA = '/workspace/v3/media';

/** One process: what it stores, its cookie, and its end of the session. */
class Process {
  readonly recorder = new Recorder();
  readonly http: SteeredHttp;
  readonly session: CometdSession;

  constructor(url: string, cookie?: string) {
    this.http = new SteeredHttp(cookie);
    const clock = new SystemClock();
    const pacer = new HandshakePacer(100, clock);
    this.session = new CometdSession({ url, http: this.http, listener: this.recorder, pacer, clock });
  }

  get saved(): Inbound {
    return this.recorder.stored.at(-1)!;
  }

  connected(): Promise<void> {
    return eventually(() => expect(this.recorder.state).toBe('connected'));
  }
}

describe('a session that another process takes over', () => {
  let server: BayeuxServer;
  let first: Process;
  let processes: Process[];

  async function serve(options?: BayeuxServerOptions): Promise<void> {
    server = await BayeuxServer.start({ maxIntervalMs: 10_000, timeoutMs: 30_000, ...options });
    first = open();
    first.session.start([VOICE]);
    await first.connected();
  }

  function open(cookie?: string): Process {
    const process = new Process(server.url, cookie);
    processes.push(process);
    return process;
  }

  /** The first connect is answered at once; the next one is held. */
  const held = () => eventually(() => expect(server.count('/meta/connect')).toBeGreaterThanOrEqual(2));

  beforeEach(() => {
    processes = [];
  });
  afterEach(async () => {
    for (const { session } of processes) session.abandon();
    await server.close();
  });

  it('goes on without a handshake and without subscribing again, and acknowledges what was stored', async () => {
    await serve();
    await held();
    server.publish(VOICE, 1);
    await eventually(() => expect(first.recorder.data).toEqual([1]));
    first.session.abandon();
    server.publish(VOICE, 2);

    const second = open(first.http.cookie);
    const connects = server.count('/meta/connect');
    second.session.resume(first.saved, [VOICE], [VOICE]);
    await second.connected();
    await eventually(() => expect(second.recorder.data).toEqual([2]));
    expect(first.saved.mark).toMatch(new RegExp(`:${server.acks[connects]}$`));
    expect(server.count('/meta/handshake')).toBe(1);
    expect(server.count('/meta/subscribe')).toBe(1);
    expect(second.recorder.stored).toMatchObject([{ sessionStart: false, loss: false }]);
    expect(second.recorder.states.map(([state]) => state)).toEqual(['connecting', 'connected']);
  });

  it('is connected at once although the poll of the process before is still held', async () => {
    await serve();
    await held();
    const second = open(first.http.cookie);
    const begun = performance.now();
    second.session.resume(first.saved, [VOICE], [VOICE]);
    await second.connected();
    expect(performance.now() - begun).toBeLessThan(5_000);
    first.session.abandon();
    server.publish(VOICE, 'once');
    await eventually(() => expect(second.recorder.data).toEqual(['once']));
    expect(first.recorder.data).toEqual([]);
  });

  it('delivers again what the process before received and did not store', async () => {
    await serve();
    await held();
    first.recorder.beforeWrite = () => new Promise(() => {});
    server.publish(VOICE, 1);
    server.publish(VOICE, 2);
    await new Promise((resolve) => setTimeout(resolve, 200));
    first.session.abandon();
    const second = open(first.http.cookie);
    second.session.resume(first.saved, [VOICE], [VOICE]);
    await eventually(() => expect(second.recorder.data).toEqual([1, 2]));
  });

  it('asks for the channels that the process before had not subscribed yet, and can unsubscribe its own', async () => {
    await serve();
    first.session.abandon();
    const second = open(first.http.cookie);
    second.session.resume(first.saved, [VOICE], [VOICE, MEDIA]);
    await second.connected();
    expect(server.subscribers(MEDIA)).toBe(1);
    expect(server.count('/meta/subscribe')).toBe(2);
    expect(await second.session.subscribe(VOICE)).toBe('active');
    expect(server.count('/meta/subscribe')).toBe(2);
    second.session.unsubscribe(VOICE);
    await eventually(() => expect(server.subscribers(VOICE)).toBe(0));
    expect(await second.session.subscribe(VOICE)).toBe('active');
    expect(server.subscribers(VOICE)).toBe(1);
    server.publish(VOICE, 'again');
    await eventually(() => expect(second.recorder.data).toEqual(['again']));
  });

  it('says by its state alone where to go on, through any number of processes', async () => {
    await serve();
    let current = first;
    for (let n = 0; n < 5; n += 1) {
      current.session.abandon();
      const next = open(current.http.cookie);
      next.session.resume(current.saved, [VOICE], [VOICE]);
      server.publish(VOICE, n);
      await eventually(() => expect(next.recorder.data).toEqual([n]));
      current = next;
    }
    expect(server.count('/meta/handshake')).toBe(1);
  });

  it('begins anew with all channels when the server knows the session no more', async () => {
    await serve({ maxIntervalMs: 2_000, timeoutMs: 500 });
    first.session.abandon();
    await eventually(() => expect(server.subscribers(VOICE)).toBe(0));
    const second = open(first.http.cookie);
    second.session.resume(first.saved, [VOICE], [VOICE, MEDIA]);
    await second.connected();
    expect(second.recorder.stored).toMatchObject([{ sessionStart: true, loss: false, messages: [] }]);
    expect(second.saved.state).not.toBe(first.saved.state);
    expect(server.subscribers(VOICE)).toBe(1);
    expect(server.subscribers(MEDIA)).toBe(1);
    expect(server.count('/meta/handshake')).toBe(2);
  });

  it.each([
    ['empty', { state: '' }],
    ['no object', { state: 'null' }],
    ['of another version', { state: '{"version":1,"clientId":"c","acknowledged":false}' }],
    ['damaged', { state: '{"version":2,"clientId":7,"acknowledged":false}' }],
    ['without its mark', { mark: undefined }],
    ['beside the mark of another session', { mark: 'AAAAAAAAAAAAAAAAAAAAAA:1' }],
  ])('begins anew with all channels when its state is %s', async (_what, changed) => {
    await serve();
    const second = open(first.http.cookie);
    second.session.resume({ ...first.saved, ...changed }, [VOICE], [MEDIA]);
    await second.connected();
    expect(second.recorder.stored).toMatchObject([{ sessionStart: true }]);
    expect(server.subscribers(VOICE)).toBe(2);
    expect(server.subscribers(MEDIA)).toBe(1);
  });

  it('tries again when its first connect fails, and is the same session', async () => {
    await serve();
    first.session.abandon();
    server.intercept = (_messages, response) => {
      server.intercept = () => false;
      response.destroy();
      return true;
    };
    const second = open(first.http.cookie);
    second.session.resume(first.saved, [VOICE], [VOICE]);
    await second.connected();
    expect(second.recorder.stored).toEqual([]);
    expect(server.count('/meta/handshake')).toBe(1);
  });

  it('handshakes anew when the HTTP session below it was replaced', async () => {
    await serve();
    first.session.abandon();
    const second = open(first.http.cookie);
    second.session.resume(first.saved, [VOICE], [VOICE]);
    second.session.restart();
    await second.connected();
    expect(second.recorder.stored).toMatchObject([{ sessionStart: true }]);
  });

  it('can be ended right away', async () => {
    await serve();
    first.session.abandon();
    const second = open(first.http.cookie);
    second.session.resume(first.saved, [VOICE], [VOICE]);
    await second.session.close();
    expect(server.subscribers(VOICE)).toBe(0);
    expect(second.recorder.stored).toEqual([]);
  });

  describe('from a server without acknowledgements', () => {
    it('reports a loss, once, even when nothing comes', async () => {
      await serve({ acks: false });
      await held();
      expect(first.saved.mark).toBeUndefined();
      first.session.abandon();
      server.publish(VOICE, 'lost');
      const second = open(first.http.cookie);
      second.session.resume(first.saved, [VOICE], [VOICE]);
      await second.connected();
      expect(second.recorder.stored).toMatchObject([{ sessionStart: false, loss: true }]);
      server.publish(VOICE, 'after');
      await eventually(() => expect(second.recorder.data).toContain('after'));
      expect(second.recorder.stored.filter(({ loss }) => loss)).toHaveLength(1);
      expect(second.recorder.stored.every(({ follows }) => follows === undefined)).toBe(true);
      expect(server.count('/meta/handshake')).toBe(1);
    });

    it('reports the loss again when it could not be stored', async () => {
      await serve({ acks: false });
      first.session.abandon();
      const second = open(first.http.cookie);
      second.recorder.beforeWrite = () => {
        second.recorder.beforeWrite = () => Promise.resolve();
        return Promise.reject(new Error('the journal is away'));
      };
      second.session.resume(first.saved, [VOICE], [VOICE]);
      await eventually(() => expect(second.recorder.stored).toMatchObject([{ loss: true, messages: [] }]));
    });
  });
});
