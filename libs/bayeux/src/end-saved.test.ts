import { SystemClock } from '@gw/kernel';
import { eventually, FakeClock } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BayeuxHttp, type BayeuxReply, type BayeuxRequest } from './bayeux-http.js';
import { CometdSession } from './cometd/cometd-session.js';
import { endSaved } from './end-saved.js';
import { HandshakePacer } from './handshake-pacer.js';
import { BayeuxServer } from './testing/bayeux-server.js';
import { FetchHttp } from './testing/fetch-http.js';
import { Recorder } from './testing/recorder.js';

const VOICE = '/workspace/v3/voice';
const state = JSON.stringify({ version: 2, clientId: 'client-1', acknowledged: true });

class ScriptedHttp extends BayeuxHttp {
  readonly requests: BayeuxRequest[] = [];
  answer: () => Promise<BayeuxReply> = () => Promise.resolve({ kind: 'reply', status: 200, body: '[]' });

  override post(request: BayeuxRequest): Promise<BayeuxReply> {
    this.requests.push(request);
    return this.answer();
  }
}

describe('a session of which only the state is left', () => {
  describe('at a real server', () => {
    let server: BayeuxServer;

    beforeEach(async () => {
      server = await BayeuxServer.start({ timeoutMs: 30_000, maxIntervalMs: 30_000 });
    });
    afterEach(() => server.close());

    it('is ended', async () => {
      const recorder = new Recorder();
      const http = new FetchHttp();
      const clock = new SystemClock();
      const pacer = new HandshakePacer(100, clock);
      const session = new CometdSession({ url: server.url, http, listener: recorder, pacer, clock });
      session.start([VOICE]);
      await eventually(() => expect(recorder.state).toBe('connected'));
      session.abandon();
      await endSaved({ url: server.url, http, state: recorder.stored[0]!.state, clock });
      expect(server.subscribers(VOICE)).toBe(0);
      expect(server.count('/meta/disconnect')).toBe(1);
    });

    it('may have ended already', async () => {
      await endSaved({ url: server.url, http: new FetchHttp(), state, clock: new SystemClock() });
      expect(server.count('/meta/disconnect')).toBe(1);
    });
  });

  describe('anywhere', () => {
    let clock: FakeClock;
    let http: ScriptedHttp;
    const end = (saved = state) => endSaved({ url: 'https://host/cometd', http, state: saved, clock });

    beforeEach(() => {
      clock = new FakeClock();
      http = new ScriptedHttp();
    });

    it('is ended by one request', async () => {
      await end();
      expect(http.requests).toMatchObject([{ url: 'https://host/cometd/disconnect', isHandshake: false }]);
      expect(JSON.parse(http.requests[0]!.body)).toEqual([
        { id: '1', channel: '/meta/disconnect', clientId: 'client-1' },
      ]);
      expect(clock.pending).toBe(0);
    });

    it.each([
      ['the server refuses', () => Promise.resolve<BayeuxReply>({ kind: 'refused', reason: 'forbidden' })],
      ['the server is away', () => Promise.reject<BayeuxReply>(new Error('away'))],
      [
        'the request cannot even be made',
        () => {
          throw new Error('at once');
        },
      ],
    ])('is left to itself when %s', async (_what, answer) => {
      http.answer = answer;
      await end();
      expect(http.requests).toHaveLength(1);
      expect(clock.pending).toBe(0);
    });

    it('is waited for no longer than five seconds', async () => {
      http.answer = () => new Promise(() => {});
      let ended = false;
      const ending = end().then(() => (ended = true));
      await clock.elapse(4_999);
      expect(ended).toBe(false);
      await clock.elapse(1);
      await ending;
      expect(http.requests[0]!.cancellation.isCancelled).toBe(true);
    });

    it('is none when the state cannot be read', async () => {
      await end('damaged');
      expect(http.requests).toEqual([]);
    });
  });
});
