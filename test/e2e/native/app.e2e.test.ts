import { eventually } from '@gw/kernel/testing';
import * as oauth from 'oauth4webapi';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { leaksOf } from '../../support/leaks.js';
import { NativeApp, oauthErrorOf } from '../../support/native-app.js';
import { Person } from '../../support/person.js';
import { startTappedStack, type TappedStack } from '../../support/stack.js';

const CLIENT = 'phone';
const REDIRECT = 'com.example.phone:/signed-in';
const VOICE = '/workspace/v3/voice';
const CURRENT = '/api/workspace/v3/current-session';
const VOICE_ONLY = [{ api: 'workspace', channel: VOICE }];

const clients = [
  { client_id: CLIENT, redirect_uris: [REDIRECT, 'http://127.0.0.1/signed-in'] },
  { client_id: 'tablet', redirect_uris: ['https://tablet.example.com/signed-in'] },
];

describe('a native app', () => {
  let stack: TappedStack;
  let app: NativeApp;
  let person: Person;

  beforeAll(async () => {
    stack = await startTappedStack({
      environment: { NATIVE_CLIENTS: JSON.stringify(clients), NATIVE_ACCESS_TTL_S: '120' },
    });
  });
  afterAll(() => stack.close());
  beforeEach(async () => {
    app = await NativeApp.discover(stack.url, CLIENT, REDIRECT);
    person = new Person(stack.url, 'anna');
  });
  afterEach(() => app.close());

  it('finds out what the server can do', async () => {
    const answer = await fetch(`${stack.url}/.well-known/oauth-authorization-server`);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(await answer.json()).toEqual({
      issuer: stack.url,
      authorization_endpoint: `${stack.url}/oauth/authorize`,
      token_endpoint: `${stack.url}/oauth/token`,
      revocation_endpoint: `${stack.url}/oauth/revoke`,
      scopes_supported: ['session'],
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_methods_supported: ['none'],
      revocation_endpoint_auth_methods_supported: ['none'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    });
  });

  it('signs somebody in by their browser, and gets handles that last as long as they say', async () => {
    const begun = await app.begin();
    const answer = new URL(await app.letLogIn(person, begun));
    expect(`${answer.protocol}${answer.pathname}`).toBe(REDIRECT);
    expect(answer.searchParams.get('iss')).toBe(stack.url);
    expect(answer.searchParams.get('state')).toBe(begun.state);
    const tokens = await app.exchange(begun, answer.href);
    expect(tokens.expiresIn).toBe(120);
    expect(tokens.access).toMatch(/^[\w-]{43}$/u);
    const session = await app.request('/auth/session', tokens.access);
    expect(await session.json()).toMatchObject({ user: { userName: 't100\\anna' } });
    // The browser that was used for it is signed in nowhere.
    expect((await person.request('/auth/session')).status).toBe(401);
  });

  it('calls the REST API, and changes things without a CSRF header', async () => {
    const { access } = await app.signIn(person);
    expect((await app.request(CURRENT, access)).status).toBe(200);
    const path = '/api/workspace/v3/voice/make-call';
    const call = await app.request(path, access, 'POST', { data: { destination: '5002' } });
    expect(await call.json()).toMatchObject({ status: { code: 1 } });
    expect(stack.upstreamSide.toServer).not.toContain(access);
  });

  it('gets notifications on a socket, by its token in either place, and needs no Origin', async () => {
    const { access } = await app.signIn(person);
    for (const [auth, headers] of [
      [{ token: access }, {}],
      [{}, { authorization: `Bearer ${access}` }],
    ] as const) {
      const socket = app.openSocket({ ...auth, channels: VOICE_ONLY }, stack.url, headers);
      await socket.connected('workspace');
      stack.simulator.control.publish('anna', 'workspace', VOICE, 'ring');
      await eventually(() => expect(socket.dataOn(VOICE)).toContain('ring'));
      socket.close();
    }
  });

  it('polls for notifications, or follows them as an event stream', async () => {
    const { access } = await app.signIn(person);
    const headers = { authorization: `Bearer ${access}` };
    const start = await app.request('/notifications?channels=workspace:/workspace/v3/voice', access);
    const { cursor } = (await start.json()) as { cursor: string };
    const stream = await fetch(`${stack.url}/notifications/stream?after=${cursor}`, { headers });
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    const polled = app.request(`/notifications?after=${cursor}&wait=20`, access);
    stack.simulator.control.publish('anna', 'workspace', VOICE, 'for the poll');
    expect(await (await polled).json()).toMatchObject({ notifications: [{ data: 'for the poll' }] });

    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('for the poll')) text += (await reader.read()).value ?? 'for the poll: it ended';
    expect(text).toContain('event: notification');
    await app.revoke(access);
    for (let ended = false; !ended;) {
      const { done, value } = await reader.read();
      text += value ?? '';
      ended = done;
    }
    expect(text).toContain('"state":"ended"');
    expect((await fetch(`${stack.url}/notifications`, { headers })).status).toBe(401);
  });

  it.each(['', 'x', 'x'.repeat(43)])('gets no socket with a token that is none (%#)', async (token) => {
    const socket = app.openSocket({ token });
    expect((await socket.refused()).data).toMatchObject({ code: 'unauthenticated' });
  });

  it('is told by RFC 6750 that a token is worth nothing, whatever cookie comes along', async () => {
    await person.signIn();
    const cookie = person.agent.cookieHeader(stack.url);
    for (const [headers, challenge] of [
      [{ authorization: 'Bearer x', cookie }, 'Bearer error="invalid_token"'],
      [{ authorization: 'Bearer' }, 'Bearer error="invalid_token"'],
      [{}, 'Bearer'],
    ] as const) {
      for (const path of ['/auth/session', '/auth/sessions', CURRENT]) {
        const answer = await fetch(stack.url + path, { headers });
        expect([path, answer.status]).toEqual([path, 401]);
        expect(answer.headers.get('www-authenticate')).toBe(challenge);
        expect(await answer.json()).toMatchObject({ code: 'unauthenticated' });
      }
    }
  });

  it('renews its tokens; those before go on until they expire', async () => {
    const first = await app.signIn(person);
    const second = await app.refresh(first.refresh);
    expect(second.refresh).not.toBe(first.refresh);
    expect(second.access).not.toBe(first.access);
    expect(await app.status('/auth/session', second.access)).toBe(200);
    expect(await app.status('/auth/session', first.access)).toBe(200);
    expect((await app.refresh(second.refresh)).expiresIn).toBe(120);
  });

  it('is signed out when a refresh token comes a second time: two have it', async () => {
    const first = await app.signIn(person);
    const second = await app.refresh(first.refresh);
    const socket = app.openSocket({ token: second.access, channels: [] });
    await socket.ready();
    await expect(app.refresh(first.refresh).catch(oauthErrorOf)).resolves.toBe('invalid_grant');
    expect(await app.status('/auth/session', second.access)).toBe(401);
    expect(await app.status('/auth/session', first.access)).toBe(401);
    await expect(app.refresh(second.refresh).catch(oauthErrorOf)).resolves.toBe('invalid_grant');
    await eventually(() => expect(socket.socket.connected).toBe(false));
    expect(socket.received.at(-1)).toMatchObject({ type: 'session', state: 'ended', reason: 'revoked' });
  });

  it('is signed out when its code comes a second time', async () => {
    const begun = await app.begin();
    const answer = await app.letLogIn(person, begun);
    const { access, refresh } = await app.exchange(begun, answer);
    await expect(app.exchange(begun, answer).catch(oauthErrorOf)).resolves.toBe('invalid_grant');
    expect(await app.status('/auth/session', access)).toBe(401);
    await expect(app.refresh(refresh).catch(oauthErrorOf)).resolves.toBe('invalid_grant');
  });

  it.each(['access', 'refresh'] as const)('signs out by giving its %s token back', async (which) => {
    const tokens = await app.signIn(person);
    await app.revoke(tokens[which]);
    expect(await app.status('/auth/session', tokens.access)).toBe(401);
    await expect(app.refresh(tokens.refresh).catch(oauthErrorOf)).resolves.toBe('invalid_grant');
    await app.revoke(tokens[which]);
    await app.revoke('never-given');
  });

  it('signs out by the same call as a browser', async () => {
    const { access } = await app.signIn(person);
    expect((await app.request('/auth/logout', access, 'POST')).status).toBe(204);
    expect(await app.status('/auth/session', access)).toBe(401);
  });

  it('is among the sessions of its user, by its name, and can be revoked there', async () => {
    const { access } = await app.signIn(person);
    await person.signIn();
    interface Listed {
      sessions: { id: string; client?: string; current: boolean }[];
    }
    const { sessions } = (await person.request('/auth/sessions')).json() as Listed;
    const listed = sessions.filter(({ client }) => client === CLIENT);
    const { sessions: own } = (await (await app.request('/auth/sessions', access)).json()) as Listed;
    const id = own.find(({ current }) => current)?.id ?? '';
    expect(listed.map((session) => session.id)).toContain(id);
    expect(sessions.find(({ current }) => current)).not.toHaveProperty('client');
    const socket = app.openSocket({ token: access, channels: [] });
    await socket.ready();
    expect((await person.request(`/auth/sessions/${id}`, 'DELETE')).status).toBe(204);
    expect(await app.status('/auth/session', access)).toBe(401);
    await eventually(() => expect(socket.socket.connected).toBe(false));
    expect((await person.request('/auth/session')).status).toBe(200);
  });

  it('has one socket: the newest, which the one before is told of', async () => {
    const first = await app.signIn(person);
    const old = app.openSocket({ token: first.access, channels: [] });
    await old.ready();
    const { access } = await app.refresh(first.refresh);
    const next = app.openSocket({ token: access, channels: [] });
    await next.ready();
    await eventually(() => expect(old.socket.connected).toBe(false));
    expect(old.received.at(-1)).toEqual({ type: 'replaced', at: expect.stringMatching(/Z$/u) as string });
    const other = app.openSocket({ token: (await app.signIn(person)).access, channels: [] });
    await other.ready();
    await person.signIn();
    for (let tabs = 0; tabs < 2; tabs += 1) await person.openTab({ channels: [] }).ready();
    expect(next.socket.connected && other.socket.connected).toBe(true);
    person.close();
  });

  it('takes any port of the loopback address', async () => {
    const onLoopback = await NativeApp.discover(stack.url, CLIENT, 'http://127.0.0.1:49152/signed-in');
    const { access } = await onLoopback.signIn(person);
    expect(await onLoopback.status('/auth/session', access)).toBe(200);
  });

  it('is told that the person refused', async () => {
    const begun = await app.begin();
    const login = await person.agent.request(begun.url);
    const state = new URL(login.headers.get('location')!).searchParams.get('state')!;
    const callback = `${stack.url}/auth/callback?error=access_denied&state=${state}`;
    const answer = (await person.agent.request(callback)).headers.get('location')!;
    expect(() => oauth.validateAuthResponse(app.server, app.client, new URL(answer), begun.state)).toThrow(
      expect.objectContaining({ error: 'access_denied' }),
    );
  });

  it('never sees a token of the platform', async () => {
    const tokens = await app.signIn(person);
    await app.request(CURRENT, tokens.access);
    await app.refresh(tokens.refresh);
    const secrets = stack.simulator.control.secrets('anna');
    expect(secrets.length).toBeGreaterThan(2);
    expect(leaksOf(secrets, stack.clientSide.toClients)).toEqual([]);
    expect(leaksOf([tokens.access, tokens.refresh], stack.log())).toEqual([]);
  });
});
