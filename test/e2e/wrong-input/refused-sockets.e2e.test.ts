import { type HandshakeAuth } from '@gw/contract';
import { eventually } from '@gw/kernel/testing';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Person } from '../../support/person.js';
import { expectProblem } from '../../support/problem.js';
import { rawRequest } from '../../support/raw-http.js';
import { SocketClient } from '../../support/socket-client.js';
import { type Stack, startStack } from '../../support/stack.js';

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};
const HANDSHAKE = 'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1';

describe('a socket that may not connect', () => {
  let stack: Stack;
  let anna: Person;
  let cookie: string;
  const clients: SocketClient[] = [];
  beforeAll(async () => {
    stack = await startStack();
    anna = await stack.signIn('anna');
    cookie = anna.agent.cookieHeader(stack.url);
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await stack.close();
  });

  const connect = (sent: string, auth: HandshakeAuth = {}, headers: Record<string, string> = {}) => {
    const client = new SocketClient(stack.url, sent, auth, headers);
    clients.push(client);
    return client;
  };
  const refusal = async (client: SocketClient) => {
    const { data } = await client.refused();
    expect(client.received).toEqual([]);
    expect(client.socket.connected).toBe(false);
    return data;
  };

  it('is told unauthenticated when it has no session, a garbage one, or one that has ended', async () => {
    const leaver = await stack.signIn('bela');
    const dead = leaver.agent.cookieHeader(stack.url);
    await leaver.post('/auth/logout');
    const garbage = [
      '',
      'session=',
      'session=garbage',
      `session=${'A'.repeat(43)}`,
      'session=%00;;=;',
      `x${cookie}`,
    ];
    for (const sent of [dead, ...garbage]) {
      expect(await refusal(connect(sent)), sent).toMatchObject({ code: 'unauthenticated' });
    }
  });

  it('is told unauthenticated when it has a cookie but no Origin: no browser sends that', async () => {
    const options = { transports: ['websocket'], forceNew: true, reconnection: false };
    const script = io(stack.url, { ...options, extraHeaders: { cookie } });
    const error = await new Promise<Error>((resolve) => script.once('connect_error', resolve));
    script.disconnect();
    expect(error).toMatchObject({ data: { code: 'unauthenticated' } });
  });

  it('is refused at the handshake when it comes from a foreign page, and the operator reads why', async () => {
    const { host } = new URL(stack.url);
    const origins = [
      'https://evil.example',
      'null',
      `https://${host}`,
      `http://${host}.evil.example`,
      `http://evil.example/${stack.url}`,
      `${stack.url}/`,
      stack.url.toUpperCase(),
      'http://localhost',
    ];
    for (const origin of origins) {
      const answer = await rawRequest(stack.url, HANDSHAKE, { ...UPGRADE, cookie, origin });
      expectProblem(answer, 403, 'origin_not_allowed');
    }
    expect(stack.log()).toContain('https://evil.example');
    const client = connect(cookie, {}, { origin: 'https://evil.example' });
    expect((await client.refused()).message).toContain('websocket error');
    expect(client.received).toEqual([]);
  });

  it('is refused when it comes by HTTP long polling', async () => {
    for (const method of ['GET', 'POST']) {
      const answer = await anna.request('/socket.io/?EIO=4&transport=polling', method);
      expectProblem(answer, 400, 'transport_not_supported');
    }
  });

  const malformed: readonly [string, unknown][] = [
    ['an unreadable token', { token: 1 }],
    ['an endless token', { token: 'x'.repeat(5_000) }],
    ['a cursor that is a number', { after: 5 }],
    ['an endless cursor', { after: 'x'.repeat(200) }],
    ['channels that are no list', { channels: { api: 'workspace', channel: '/a' } }],
    ['a channel that is a string', { channels: ['/workspace/v3/voice'] }],
    ['a channel without its API', { channels: [{ channel: '/workspace/v3/voice' }] }],
    ['a channel that is a list', { channels: [{ api: 'workspace', channel: ['/workspace/v3/voice'] }] }],
    [
      '101 channels',
      {
        channels: Array.from({ length: 101 }, (_, n) => ({
          api: 'workspace',
          channel: `/workspace/v3/${n}`,
        })),
      },
    ],
  ];
  it.each(malformed)('is told bad_request when it asks with %s', async (_what, auth) => {
    expect(await refusal(connect(cookie, auth as HandshakeAuth))).toMatchObject({ code: 'bad_request' });
  });

  const impossible: readonly [string, string, string][] = [
    ['unknown_api', 'nowhere', '/workspace/v3/voice'],
    ['unknown_api', '__proto__', '/workspace/v3/voice'],
    ['bad_channel', 'workspace', 'workspace/v3/voice'],
    ['bad_channel', 'workspace', '/workspace/**/voice'],
    ['channel_not_allowed', 'workspace', '/statistics/v3/service'],
    ['channel_not_allowed', 'workspace', '/meta/connect'],
    ['channel_not_allowed', 'workspace', '/**'],
  ];
  it.each(impossible)('is told %s when it asks for %s %s', async (code, api, channel) => {
    expect(await refusal(connect(cookie, { channels: [{ api, channel }] }))).toMatchObject({ code });
  });

  it('changes nothing for the others, and causes nothing upstream', async () => {
    const before = stack.simulator.control.seenTotals().apis;
    for (const api of Object.values(before)) expect(api).toMatchObject({ handshakes: 0, sessionInits: 0 });
    const tab = anna.openTab();
    await tab.connected('workspace', 'statistics', 'provisioning');
  });

  it('is no socket with an unreadable cursor: that one connects, and hears of the gap', async () => {
    for (const after of ['', 'garbage', '-1', '\u0000', '{}']) {
      const tab = anna.openTab({ after });
      expect(await tab.ready()).toMatchObject({ recovered: false });
      await eventually(() => expect(tab.gaps).toHaveLength(3));
      expect(tab.gaps.map(({ reason }) => reason)).toEqual(['epoch', 'epoch', 'epoch']);
    }
  });
});
