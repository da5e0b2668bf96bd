import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from '../support/browser.js';
import { type Stack, startStack } from '../support/stack.js';

const EXAMPLE = /## A first frontend[\s\S]*?```js\n([\s\S]*?)```/;
const LIBRARY = 'node_modules/socket.io-client/dist/socket.io.esm.min.js';

async function readExample(): Promise<string> {
  const code = EXAMPLE.exec(await readFile('README.md', 'utf8'))?.[1];
  if (!code) throw new Error('README.md has no first frontend');
  return code;
}

/** A web server of a frontend team: the README's code, word for word but for the gateway's address. */
async function serveFrontend(gatewayUrl: () => string): Promise<{ server: Server; origin: string }> {
  const [code, library] = await Promise.all([readExample(), readFile(LIBRARY, 'utf8')]);
  const imports = JSON.stringify({ imports: { 'socket.io-client': './socket.io-client.js' } });
  const server = createServer((request, response) => {
    if (request.url === '/socket.io-client.js') {
      response.setHeader('content-type', 'text/javascript').end(library);
      return;
    }
    const script = code.replace('http://localhost:3000', gatewayUrl());
    response.setHeader('content-type', 'text/html');
    response.end(
      `<!doctype html><link rel="icon" href="data:,"><script type="importmap">${imports}</script>` +
        `<script type="module">${script}</script>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, origin: `http://localhost:${(server.address() as AddressInfo).port}` };
}

describe('the first frontend of the README', () => {
  let stack: Stack;
  let browser: Browser;
  let server: Server;
  let origin: string;
  beforeAll(async () => {
    ({ server, origin } = await serveFrontend(() => stack.url));
    const environment = { ALLOWED_ORIGINS: origin, ALLOWED_RETURN_ORIGINS: origin };
    [stack, browser] = await Promise.all([startStack({ environment }), startBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await stack.close();
    server.closeAllConnections();
    server.close();
  });

  it('has no more than 15 lines', async () => {
    const lines = (await readExample()).split('\n').filter((line) => line.trim() !== '');
    expect(lines.length).toBeLessThanOrEqual(15);
  });

  it('signs in, places a call and hears of it', async () => {
    const page = await browser.newPage();
    const heard: string[] = [];
    page.on('console', (message) => heard.push(message.text()));
    const toHaveHeard = (what: string) =>
      expect.poll(() => heard.join('\n'), { timeout: 15_000 }).toContain(what);

    await page.goto(`${origin}/desk.html`);
    await page.fill('#username', 'anna');
    await page.fill('#password', 'demo');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${origin}/desk.html`);
    await toHaveHeard('/workspace/v3/initialization');

    const status = await page.evaluate(async () => {
      const desk = globalThis as unknown as { call(destination: string): Promise<Response> };
      return (await desk.call('+15551234567')).status;
    });
    expect(status).toBe(200);
    await toHaveHeard('/workspace/v3/voice');
  });
});
