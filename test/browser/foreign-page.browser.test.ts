import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { eventually } from '@gw/kernel/testing';
import { type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBrowser } from '../support/browser.js';
import { type ConsoleTab } from '../support/console-tab.js';
import { PersonsBrowser } from '../support/persons-browser.js';
import { type Stack, startStack } from '../support/stack.js';

/** A web server of somebody else's, reached by either name of this machine. */
async function serveForeignPage(): Promise<Server> {
  const server = createServer(({ url = '' }, response) => {
    const planted = new URL(url, 'http://x').searchParams.get('plant');
    if (planted !== null) response.setHeader('set-cookie', planted);
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Foreign</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** What becomes of a WebSocket that a page opens at the gateway. */
const openSocket = (page: Page, gateway: string): Promise<string> =>
  page.evaluate(
    (url) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`${url}/socket.io/?EIO=4&transport=websocket`);
        socket.onopen = () => resolve('open');
        socket.onerror = () => resolve('refused');
      }),
    gateway.replace('http', 'ws'),
  );

interface Attempt {
  readonly url: string;
  readonly method: string;
  readonly mode: RequestMode;
  readonly headers: Record<string, string>;
}

/** What a script of the page learns from a request with the person's cookies. */
const request = (page: Page, attempt: Attempt): Promise<string> =>
  page.evaluate(async ({ url, ...init }) => {
    const failed = () => 'unreadable';
    const body = init.method === 'POST' ? '{"data":{"destination":"5002"}}' : null;
    const answer = fetch(url, { ...init, body, credentials: 'include' });
    return answer.then(({ type, status }) => (type === 'opaque' ? 'unreadable' : `status ${status}`), failed);
  }, attempt);

/** A form needs no permission of the other side, and takes the whole tab along. */
const submitForm = async (page: Page, action: string): Promise<number | undefined> => {
  const [response] = await Promise.all([
    page.waitForResponse(action),
    page.evaluate((url) => {
      const form = Object.assign(document.createElement('form'), { method: 'post', action: url });
      document.body.append(form);
      form.submit();
    }, action),
  ]);
  return response.status();
};

const LOGOUT = '/auth/logout';
const MAKE_CALL = '/api/workspace/v3/voice/make-call';
const SIMPLE = { 'content-type': 'text/plain' };
const OWN = { 'content-type': 'application/json', 'x-csrf': '1' };

describe.each([
  // SameSite keeps the cookie from it: its requests are nobody's.
  { site: 'of another site', host: '127.0.0.1', answers: { [LOGOUT]: 204, [MAKE_CALL]: 401 }, planted: 1 },
  // The browser sends it the cookie: cookies know no ports.
  {
    site: 'of the same site but another origin',
    host: 'localhost',
    answers: { [LOGOUT]: 403, [MAKE_CALL]: 403 },
    // Without `__Host-`, which needs https, it can put cookies beside ours: none is taken then.
    planted: 3,
  },
])('a page $site', ({ host, answers, planted }) => {
  let stack: Stack;
  let browser: Browser;
  let server: Server;
  let annas: PersonsBrowser;
  let tab: ConsoleTab;
  let foreign: Page;
  beforeAll(async () => {
    [stack, browser, server] = await Promise.all([startStack(), startBrowser(), serveForeignPage()]);
    annas = await PersonsBrowser.open(browser, stack.url);
    tab = await annas.openTab();
    await tab.signIn('anna');
  });
  afterAll(async () => {
    await browser.close();
    await stack.close();
    server.close();
  });
  beforeEach(async () => {
    foreign = await annas.context.newPage();
    await foreign.goto(`http://${host}:${(server.address() as AddressInfo).port}/`);
  });

  const readSession = (page: Page) =>
    request(page, { url: `${stack.url}/auth/session`, method: 'GET', mode: 'cors', headers: {} });

  it('opens no socket with the person’s cookie', async () => {
    expect(await openSocket(tab.page, stack.url)).toBe('open');
    expect(await openSocket(foreign, stack.url)).toBe('refused');
  });

  it.each([LOGOUT, MAKE_CALL] as const)('changes nothing by posting to %s', async (path) => {
    const url = stack.url + path;
    const before = stack.simulator.control.seen('anna').apis.workspace.rest;
    for (const headers of [SIMPLE, OWN]) {
      for (const mode of ['cors', 'no-cors'] as const)
        expect(await request(foreign, { url, method: 'POST', mode, headers })).toBe('unreadable');
    }
    expect(await submitForm(foreign, url)).toBe(answers[path]);
    expect(await readSession(tab.page)).toBe('status 200');
    expect(stack.simulator.control.seen('anna').apis.workspace.rest).toBe(before);
  });

  it.each(['/', '/auth/session', '/health/live'])('frames nothing of ours: %s', async (path) => {
    const url = stack.url + path;
    await foreign.evaluate(
      (src) => document.body.append(Object.assign(document.createElement('iframe'), { src })),
      url,
    );
    const frame = await eventually(() => {
      const [, inner] = foreign.frames();
      if (!inner || inner.url() === '') throw new Error('not loaded yet');
      return inner;
    });
    await eventually(() => expect(frame.url()).toMatch(/^chrome-error:/));
  });

  it('plants no session of somebody else', async () => {
    const bela = await stack.signIn('bela');
    const secret = bela.agent.cookie(stack.url, 'session') ?? '';
    for (const path of ['/auth', '/auth/session', '/api']) {
      const plant = `session=${secret}; Path=${path}; HttpOnly`;
      await foreign.goto(`${new URL(foreign.url()).origin}/?plant=${encodeURIComponent(plant)}`);
    }
    const names = (await annas.context.cookies(`${stack.url}/auth/session`)).map(({ name }) => name);
    const seen = await tab.page.evaluate(async () => {
      const answer = await fetch('/auth/session');
      return [answer.status, await answer.text()] as const;
    });
    expect(names.filter((name) => name === 'session')).toHaveLength(planted);
    expect(seen[0]).toBe(planted > 1 ? 401 : 200);
    expect(seen[1]).not.toContain('bela');
    for (const path of ['/auth', '/auth/session', '/api'])
      await annas.context.clearCookies({ name: 'session', path });
    expect(await readSession(tab.page)).toBe('status 200');
  });

  it('reads nothing of the person', async () => {
    expect(await readSession(tab.page)).toBe('status 200');
    expect(await readSession(foreign)).toBe('unreadable');
  });
});
