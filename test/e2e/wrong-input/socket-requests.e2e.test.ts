import { type Acknowledgement } from '@gw/contract';
import { eventually } from '@gw/kernel/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SocketClient } from '../../support/socket-client.js';
import { type Stack, startStack } from '../../support/stack.js';

const VOICE = '/workspace/v3/voice';
const MEDIA = '/workspace/v3/media';

/** Socket.IO's parser turns `Infinity` and functions into other things; these are what arrives. */
const MALFORMED: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  '',
  VOICE,
  [],
  [{ api: 'workspace', channel: MEDIA }],
  {},
  { api: 'workspace' },
  { channel: MEDIA },
  { api: '', channel: MEDIA },
  { api: 'workspace', channel: '' },
  { api: 1, channel: MEDIA },
  { api: 'workspace', channel: { toString: 'x' } },
  { api: ['workspace'], channel: MEDIA },
  { api: { length: { toString: 1 } }, channel: MEDIA },
  { api: 'w'.repeat(65), channel: MEDIA },
  { api: 'workspace', channel: `/${'x'.repeat(300)}` },
  { api: 'workspace', channel: null, data: { nested: 'x'.repeat(60_000) } },
  Buffer.from('workspace'),
  { api: Buffer.from('workspace'), channel: MEDIA },
  JSON.parse('{"__proto__":{"api":"workspace","channel":"/workspace/v3/media"}}'),
];

const REFUSED: readonly [string, string, string][] = [
  ['unknown_api', 'nowhere', MEDIA],
  ['unknown_api', '__proto__', MEDIA],
  ['unknown_api', 'constructor', MEDIA],
  ['unknown_api', 'Workspace', MEDIA],
  ['bad_channel', 'workspace', 'workspace/v3/media'],
  ['bad_channel', 'workspace', '/workspace//media'],
  ['bad_channel', 'workspace', '/workspace/v3/media/'],
  ['bad_channel', 'workspace', '/workspace/*/media'],
  ['bad_channel', 'workspace', '/workspace/v3/***'],
  ['bad_channel', 'workspace', '/workspace/v3/me dia'],
  ['bad_channel', 'workspace', '/workspace/v3/\u0000'],
  ['bad_channel', 'workspace', '/workspace/v3/..'],
  ['channel_not_allowed', 'workspace', '/meta/connect'],
  ['channel_not_allowed', 'workspace', '/service/anything'],
  ['channel_not_allowed', 'workspace', '/statistics/v3/service'],
  ['channel_not_allowed', 'workspace', '/workspace/v3'],
  ['channel_not_allowed', 'workspace', '/workspace/**'],
  ['channel_not_allowed', 'workspace', '/*'],
  ['channel_not_allowed', 'workspace', '/**'],
];

describe('what a socket may send', () => {
  let stack: Stack;
  let tab: SocketClient;
  beforeAll(async () => {
    stack = await startStack();
    const anna = await stack.signIn('anna');
    tab = anna.openTab({ channels: [{ api: 'workspace', channel: VOICE }] });
    await tab.connected('workspace');
  });
  afterAll(() => stack.close());

  const seen = () => stack.simulator.control.seen('anna').apis.workspace;
  let before: ReturnType<typeof seen>;
  beforeEach(() => {
    before = seen();
  });

  const refusedWith = (code: string): unknown => ({
    ok: false,
    error: { code, message: expect.stringMatching(/^.{5,200}$/) as string },
  });

  /** The socket lives, hears what it heard before and nothing else, and the upstream was not bothered. */
  const expectNothingChanged = async () => {
    const { control } = stack.simulator;
    const marker = { marker: Math.random() };
    control.publish('anna', 'workspace', MEDIA, 'nobody asked for this');
    control.publish('anna', 'workspace', VOICE, marker);
    await eventually(() => expect(tab.dataOn(VOICE)).toContainEqual(marker));
    expect(tab.dataOn(MEDIA)).toEqual([]);
    expect(tab.socket.connected).toBe(true);
    expect(seen().subscribes).toEqual(before.subscribes);
    expect(seen()).toMatchObject({ handshakes: 1, sessions: 1, subscriptions: before.subscriptions });
  };

  it.each(['subscribe', 'unsubscribe', 'publish'])(
    'is answered with bad_request when %s is malformed',
    async (event) => {
      for (const payload of MALFORMED) {
        expect(await tab.emit(event, payload)).toEqual(refusedWith('bad_request'));
      }
      await expectNothingChanged();
    },
  );

  it.each(['subscribe', 'unsubscribe'])(
    'is refused when %s names what is not there or not allowed',
    async (event) => {
      for (const [code, api, channel] of REFUSED) {
        expect(await tab.emit(event, { api, channel }), channel).toEqual(refusedWith(code));
      }
      await expectNothingChanged();
    },
  );

  it('is refused when it publishes: no channel of Engage is open for that', async () => {
    for (const channel of [VOICE, '/service/x', '/meta/disconnect', '/workspace/v3/*', 'x']) {
      const answer = await tab.emit('publish', { api: 'workspace', channel, data: {} });
      expect(answer).toEqual(
        refusedWith(
          channel.startsWith('/') && !channel.includes('*') ? 'channel_not_allowed' : 'bad_channel',
        ),
      );
    }
    await expectNothingChanged();
  });

  it('is answered with bad_request when there is no such event', async () => {
    for (const event of [
      'ready',
      'notification',
      'Subscribe',
      'constructor',
      '__proto__',
      '',
      'x'.repeat(1_000),
    ]) {
      expect(await tab.emit(event, { api: 'workspace', channel: MEDIA })).toEqual(refusedWith('bad_request'));
    }
    await expectNothingChanged();
  });

  it('may come without asking for an answer, or with several payloads', async () => {
    const emitter = tab.socket as unknown as { emit(event: string, ...args: unknown[]): void };
    for (const event of ['subscribe', 'unsubscribe', 'publish', 'anything']) {
      emitter.emit(event);
      emitter.emit(event, {});
      emitter.emit(event, { api: 'workspace', channel: '/**' });
      const answer = await new Promise<Acknowledgement>((resolve) =>
        emitter.emit(event, { api: 'workspace', channel: MEDIA }, 'one more', resolve),
      );
      expect(answer).toEqual(refusedWith('bad_request'));
    }
    await expectNothingChanged();
  });

  it('is taken without the keys that nobody asked for', async () => {
    const payload: unknown = JSON.parse(
      `{"api":"workspace","channel":"${VOICE}","ok":false,"event":"session","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}`,
    );
    const answer = await tab.emit('subscribe', payload);
    expect(answer).toEqual({ ok: true, api: 'workspace', channel: VOICE, state: 'active' });
    expect('polluted' in {}).toBe(false);
    await expectNothingChanged();
  });

  it('ends at 64 KB: a larger message closes that one socket', async () => {
    const other = (await stack.signIn('bela')).openTab();
    await other.ready();
    (other.socket as unknown as { emit(event: string, payload: unknown): void }).emit(
      'subscribe',
      'x'.repeat(70_000),
    );
    await eventually(() => expect(other.socket.connected).toBe(false));
    await expectNothingChanged();
  });

  it('never made the gateway fail', () => {
    expect(stack.log()).not.toMatch(/"level":(?:50|60)/);
  });
});
