import { type Browser, type Page, type Response } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from '../support/browser.js';
import { PersonsBrowser } from '../support/persons-browser.js';
import { type Stack, startStack } from '../support/stack.js';

/** Everything of the gateway's that a script in the page could read. */
class VisibleToScript {
  readonly #answers: Promise<string>[] = [];
  readonly #frames: string[] = [];

  constructor(page: Page, origin: string) {
    page.on('response', (response) => {
      if (response.url().startsWith(origin)) this.#answers.push(readable(response));
    });
    page.on('websocket', (socket) => {
      socket.on('framesent', this.#keepFrame);
      socket.on('framereceived', this.#keepFrame);
    });
  }

  readonly #keepFrame = ({ payload }: { payload: string | Buffer }) =>
    void this.#frames.push(String(payload));

  answers = async (): Promise<string> => (await Promise.all(this.#answers)).join('\n');
  frames = (): string => this.#frames.join('\n');
}

/** Browsers hide `Set-Cookie` from scripts, and the bodies of redirects. */
async function readable(response: Response): Promise<string> {
  const headers = await response.headersArray();
  const shown = headers.filter(({ name }) => name.toLowerCase() !== 'set-cookie');
  const body = response.status() < 300 ? await response.text().catch(() => '') : '';
  return [...shown.map(({ name, value }) => `${name}: ${value}`), body].join('\n');
}

/** The page as a script finds it: the document, what it stores, and where it has been. */
const documentOf = (page: Page): Promise<string> =>
  page.evaluate(() =>
    [
      document.documentElement.outerHTML,
      document.referrer,
      JSON.stringify(history.state),
      ...performance.getEntries().map(({ name }) => name),
    ].join('\n'),
  );

const storageOf = (page: Page) =>
  page.evaluate(async () => ({
    cookie: document.cookie,
    local: Object.fromEntries(Object.entries(localStorage)),
    session: Object.fromEntries(Object.entries(sessionStorage)),
    databases: await indexedDB.databases(),
    caches: await caches.keys(),
  }));

describe('a script in the page', () => {
  let stack: Stack;
  let browser: Browser;
  beforeAll(async () => {
    [stack, browser] = await Promise.all([startStack(), startBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await stack.close();
  });

  it('can read no token, cookie or client id, whatever the person does', async () => {
    const annas = await PersonsBrowser.open(browser, stack.url);
    const tab = await annas.openTab();
    const visible = new VisibleToScript(tab.page, stack.url);
    await tab.signIn('anna');
    await tab.activate();
    await tab.call('+15551234567');
    await tab.sees('Established');
    await tab.press('release');
    await tab.sees('Released');
    await tab.openPayload('CallStateChanged');

    const cookies = await annas.context.cookies(stack.url);
    expect(cookies).toMatchObject([{ name: 'session', httpOnly: true, sameSite: 'Lax' }]);
    const { session, ...elsewhere } = await storageOf(tab.page);
    expect(elsewhere).toEqual({ cookie: '', local: {}, databases: [], caches: [] });
    expect(Object.keys(session)).toEqual(['gateway-console.cursor']);

    const [answers, frames, document] = [
      await visible.answers(),
      visible.frames(),
      await documentOf(tab.page),
    ];
    expect(answers).toContain('"userName"');
    expect(frames).toContain('CallStateChanged');
    expect(document).toContain('/auth/session');
    const all = [answers, frames, document, JSON.stringify(session)].join('\n');
    const secrets = [...stack.simulator.control.secrets('anna'), ...cookies.map(({ value }) => value)];
    expect(secrets.length).toBeGreaterThan(8);
    expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
    expect(annas.complaints).toEqual([]);
  });

  it('may load nothing but the gateway’s own files, and no page may frame it', async () => {
    const policy = (await fetch(stack.url)).headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("frame-ancestors 'none'");
    const annas = await PersonsBrowser.open(browser, stack.url);
    const tab = await annas.openTab();
    const ran = await tab.page.evaluate(() => {
      const script = document.createElement('script');
      script.append(document.createTextNode('document.title = "injected"'));
      document.body.append(script);
      return document.title;
    });
    expect(ran).not.toBe('injected');
    expect(annas.complaints.join()).toMatch(/Content Security Policy|Trusted/);
  });
});
