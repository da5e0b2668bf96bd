import { type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBrowser } from '../support/browser.js';
import { isAlive, NpmStart } from '../support/npm-start.js';
import { PersonsBrowser } from '../support/persons-browser.js';
import { takeScreenshots } from '../support/screenshots.js';

describe('after `npm start`', () => {
  let start: NpmStart;
  let browser: Browser;
  beforeAll(async () => {
    start = await NpmStart.run();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await start.terminate();
  });

  it('anna calls bela, and both see it happen live', async () => {
    const annas = await PersonsBrowser.open(browser, start.url);
    const belas = await PersonsBrowser.open(browser, start.url);
    const [anna, bela] = [await annas.openTab(), await belas.openTab()];
    await takeScreenshots(anna.page, 'welcome');
    await anna.signIn('anna');
    await bela.signIn('bela');
    await anna.activate();
    await bela.activate();
    await bela.becomeReady();

    await anna.call('5002');
    await anna.sees('Dialing');
    await bela.sees('Ringing');
    await takeScreenshots(bela.page, 'ringing');
    await bela.press('answer');
    await bela.sees('Established');
    await anna.sees('Established');
    await takeScreenshots(anna.page, 'established');

    await anna.press('hold');
    await anna.sees('Held');
    await anna.press('retrieve');
    await anna.sees('Established');
    await anna.press('release');
    await anna.sees('Released');
    await bela.sees('Released');

    const payload = await anna.openPayload('CallStateChanged');
    expect(payload).toMatchObject({ messageType: 'CallStateChanged', call: { state: 'Released' } });
    await takeScreenshots(anna.page, 'payload');
    await anna.closePayload();
    for (const tab of [anna, bela]) {
      const cursors = await tab.cursors();
      expect(cursors.every(Boolean)).toBe(true);
      expect(new Set(cursors).size).toBe(cursors.length);
      expect(await tab.problems()).toEqual([]);
    }
    expect([...annas.complaints, ...belas.complaints]).toEqual([]);
  });
});

describe('`npm start` ends with exit code 0 and leaves no process behind', () => {
  let browser: Browser;
  beforeAll(async () => (browser = await startBrowser()));
  afterAll(() => browser.close());

  it.each([
    { told: 'by SIGTERM', end: (start: NpmStart) => start.terminate() },
    { told: 'by Ctrl-C in its terminal', end: (start: NpmStart) => start.pressCtrlC() },
  ])('when it is told $told, while somebody is signed in', async ({ end }) => {
    const start = await NpmStart.run('--ignore-scripts');
    const annas = await PersonsBrowser.open(browser, start.url);
    await (await annas.openTab()).signIn('anna');
    const processes = start.processes();
    expect(processes.length).toBeGreaterThanOrEqual(4);
    expect(await end(start), start.output()).toBe(0);
    expect(processes.filter(isAlive)).toEqual([]);
    await annas.close();
  });
});
