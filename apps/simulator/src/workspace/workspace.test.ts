import { eventually } from '@gw/kernel/testing';
import { describe, expect, it } from 'vitest';
import { BayeuxClient } from '../testing/bayeux-client.js';
import { HttpClient, clientOf, workspaceClientOf } from '../testing/http-client.js';
import { ListeningAgent } from '../testing/listening-agent.js';
import { simulators } from '../testing/simulator.js';

const start = simulators();
const CURRENT = '/workspace/v3/current-session';
const INITIALIZATION = '/workspace/v3/initialization';

describe('initialize-workspace', () => {
  it('accepts a bearer token, sets the session cookie and completes later', async () => {
    const simulator = await start();
    const client = await clientOf(simulator.url, 'anna');
    const answer = await client.post('/workspace/v3/initialize-workspace');
    expect(answer.json).toEqual({ status: { code: 1 } });
    expect(answer.headers.get('set-cookie')).toContain('WORKSPACE_SESSIONID=');
    await eventually(async () => {
      expect((await client.get(CURRENT)).json).toMatchObject({
        status: { code: 0 },
        data: {
          'pending-login-async': { state: 'Complete' },
          user: { employeeId: 'anna', agentLogin: '5001' },
        },
      });
    });
    expect(simulator.control.seen('anna').apis.workspace.sessionInits).toBe(1);
  });

  it('refuses a bad token with 401', async () => {
    const { url } = await start();
    const client = new HttpClient(url);
    client.headers.authorization = 'Bearer nonsense';
    expect((await client.post('/workspace/v3/initialize-workspace')).status).toBe(401);
  });

  it('redeems an authorization code itself', async () => {
    const { url } = await start();
    const browser = new HttpClient(url);
    const redirect_uri = 'http://localhost:3000/';
    const request = { response_type: 'code', client_id: 'engage-gateway', redirect_uri };
    const signedIn = await browser.postForm('/auth/v3/sign-in', {
      ...request,
      username: 'anna',
      password: 'demo',
    });
    const code = new URL(signedIn.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const query = new URLSearchParams({ code, redirect_uri }).toString();
    const path = `/workspace/v3/initialize-workspace?${query}`;
    expect((await new HttpClient(url).post(path)).status).toBe(200);
    expect((await new HttpClient(url).post(path)).status).toBe(401);
  });

  it('keeps its notifications for a client that subscribes late', async () => {
    const { url } = await start();
    const http = await workspaceClientOf(url, 'anna');
    await eventually(async () => {
      expect((await http.get(CURRENT)).text).toContain('"state":"Complete"');
    });
    const client = new BayeuxClient(http, 'workspace');
    await client.handshake();
    const heard = await client.subscribe(INITIALIZATION);
    expect(heard.map(({ data }) => data).slice(0, 2)).toMatchObject([
      { messageType: 'WorkspaceInitializationProgress', state: 'Executing' },
      { messageType: 'WorkspaceInitializationComplete', state: 'Complete', data: { user: { dbid: 1041 } } },
    ]);
  });
});

describe('a Workspace session', () => {
  it('is needed for every call: 403 with code 603 without, or after it was lost, until initialised again', async () => {
    const { url, control } = await start();
    const stranger = await new HttpClient(url).get(CURRENT);
    expect([stranger.status, stranger.json]).toEqual([
      403,
      { status: { code: 603, message: 'Unauthorized' } },
    ]);
    const client = await workspaceClientOf(url, 'anna');
    expect(control.forgetHttpSession('anna', 'workspace')).toBe(1);
    const { authorization = '' } = client.headers;
    delete client.headers.authorization;
    expect((await client.get(CURRENT)).status).toBe(403);
    expect((await client.post('/workspace/v3/notifications', [{ channel: '/meta/handshake' }])).status).toBe(
      403,
    );
    expect(control.seen('anna').apis.workspace.forbidden403).toBe(2);
    client.headers.authorization = authorization;
    await client.post('/workspace/v3/initialize-workspace');
    expect((await client.get(CURRENT)).status).toBe(200);
  });

  it('ends with everything in it at logout', async () => {
    const simulator = await start();
    const anna = await ListeningAgent.at(simulator, 'anna');
    await anna.activate();
    expect((await anna.http.post('/workspace/v3/logout')).json).toEqual({ status: { code: 0 } });
    expect((await anna.http.get(CURRENT)).status).toBe(403);
    expect(simulator.control.seen('anna').apis.workspace).toMatchObject({ logouts: 1, sessions: 0 });
    await anna.leave();
  });

  it('outlives the access token that opened it', async () => {
    const { url, control } = await start();
    const client = await workspaceClientOf(url, 'anna');
    control.expireAccessTokens('anna');
    expect((await client.get(CURRENT)).status).toBe(200);
  });

  it('shows configuration and targets', async () => {
    const { url } = await start();
    const client = await workspaceClientOf(url, 'anna');
    expect((await client.get('/workspace/v3/configuration?types=actionCodes')).text).toContain('Lunch');
    expect((await client.get('/workspace/v3/targets?types=agent')).json).toMatchObject({
      data: { totalMatches: 5 },
    });
  });

  it('answers 501 to a command that the simulator does not know', async () => {
    const { url } = await start();
    const client = await workspaceClientOf(url, 'anna');
    expect((await client.post('/workspace/v3/voice/start-monitoring', {})).status).toBe(501);
  });
});

describe('an agent', () => {
  it('activates channels, gets ready and not ready, and hears each change', async () => {
    const simulator = await start();
    const anna = await ListeningAgent.at(simulator, 'anna');
    await anna.activate();
    expect(anna.require('DnStateChanged')).toMatchObject({ dn: { number: '5001', agentState: 'NotReady' } });
    await eventually(() =>
      expect(anna.require('ChannelStateChanged')).toMatchObject({
        media: { channels: [{ name: 'chat', state: 'NotReady' }] },
      }),
    );
    expect((await anna.command('voice/ready')).json).toEqual({ status: { code: 1 } });
    await eventually(() =>
      expect(anna.require('DnStateChanged')).toMatchObject({ dn: { agentState: 'Ready' } }),
    );
    await anna.command('voice/not-ready', { reasonCode: 'Lunch' });
    await eventually(() =>
      expect(anna.require('DnStateChanged')).toMatchObject({
        dn: { agentState: 'NotReady', reasons: [{ key: 'ReasonCode', value: 'Lunch' }] },
      }),
    );
    await anna.command('media/chat/ready');
    await eventually(() =>
      expect(anna.require('ChannelStateChanged')).toMatchObject({
        media: { channels: [{ state: 'Ready' }] },
      }),
    );
    await anna.leave();
  });
});
