import { eventually } from '@gw/kernel/testing';
import { type Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startBrowser } from '../support/browser.js';
import { type ConsoleTab } from '../support/console-tab.js';
import { PersonsBrowser } from '../support/persons-browser.js';
import { takeScreenshots } from '../support/screenshots.js';
import { type Stack, startStack } from '../support/stack.js';

const VOICE = '/workspace/v3/voice';

describe('the tabs of one person', () => {
  let stack: Stack;
  let browser: Browser;
  let annas: PersonsBrowser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    stack = await startStack();
    annas = await PersonsBrowser.open(browser, stack.url);
  });
  afterEach(async () => {
    await annas.close();
    await stack.close();
    expect(annas.complaints).toEqual([]);
  });

  const happens = (...messageTypes: string[]) => {
    for (const messageType of messageTypes)
      stack.simulator.control.publish('anna', 'workspace', VOICE, { messageType });
  };
  const newestCursors = async (tab: ConsoleTab, count: number) => (await tab.cursors()).slice(0, count);
  const signedInTabs = async () => {
    const first = await annas.openTab();
    await first.signIn('anna');
    const second = await annas.openTab();
    await second.connected();
    return [first, second] as const;
  };

  it('can sign in at the same time, and then list the same notifications under the same cursors', async () => {
    const [first, second] = [await annas.openTab(), await annas.openTab()];
    await first.goToSignIn();
    await second.goToSignIn();
    await first.enterPassword('anna');
    await second.enterPassword('anna');
    await first.connected();
    await second.connected();
    happens('One', 'Two', 'Three');
    for (const tab of [first, second]) {
      await tab.lists('Three');
      expect((await tab.messageTypes()).slice(0, 3)).toEqual(['Three', 'Two', 'One']);
    }
    expect(await newestCursors(second, 3)).toEqual(await newestCursors(first, 3));
    expect(stack.simulator.control.seen('anna').apis.workspace.handshakes).toBe(1);
  });

  it('keep their place over a reload: nothing comes twice, and what happened meanwhile arrives', async () => {
    const tab = await annas.openTab();
    await tab.signIn('anna');
    happens('Before1', 'Before2');
    await tab.lists('Before2');
    const before = await tab.cursors();
    // The new page asks for its session before it connects: the old socket is gone by then.
    await tab.page.route('**/auth/session', async (route) => {
      happens('Meanwhile1', 'Meanwhile2');
      await route.continue();
    });
    await tab.page.reload();
    await tab.connected();
    happens('After');
    await tab.lists('After');
    expect(await tab.messageTypes()).toEqual(['After', 'Meanwhile2', 'Meanwhile1']);
    const after = await tab.cursors();
    expect(before.filter((cursor) => after.includes(cursor))).toEqual([]);
  });

  it('show the call that is going on again after a reload', async () => {
    const tab = await annas.openTab();
    await tab.signIn('anna');
    await tab.activate();
    stack.simulator.control.inboundCall({ to: 'anna', from: '+49301234567' });
    await tab.sees('Ringing');
    await tab.press('answer');
    await tab.sees('Established');
    await tab.page.reload();
    await tab.sees('Established');
    expect(await tab.calls()).toBe(1);
  });

  it('all end within a second when one of them signs out, and each says why', async () => {
    const [first, second] = await signedInTabs();
    await first.signOut();
    expect(await second.signedOutReason(1_000)).toBe('You have signed out.');
    expect(await first.signedOutReason(1_000)).toBe('You have signed out.');
    await takeScreenshots(second.page, 'signed-out');
  });

  it('must give the password again after a sign-out', async () => {
    const [first, second] = await signedInTabs();
    await first.signOut();
    await first.signedOutReason();
    await eventually(() => expect(stack.simulator.control.seen('anna').signOuts).toBe(1));
    await second.goToSignIn();
    await takeScreenshots(second.page, 'sign-in');
    await second.enterPassword('anna');
    await second.connected();
  });
});
