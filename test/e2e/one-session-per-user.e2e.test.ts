import { eventually } from '@gw/kernel/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Stack, startStack } from '../support/stack.js';

const VOICE = '/workspace/v3/voice';
const APIS = ['workspace', 'statistics', 'provisioning'] as const;
const LINGER_MS = 700;

describe('one person with several clients', () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await startStack({ environment: { UPSTREAM_LINGER_MS: String(LINGER_MS) } });
  });
  afterEach(() => stack.close());

  const seen = (api: (typeof APIS)[number]) => stack.simulator.control.seen('anna').apis[api];
  const publish = (from: number, to: number) => {
    for (let n = from; n <= to; n += 1) stack.simulator.control.publish('anna', 'workspace', VOICE, { n });
  };
  const numbers = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => ({ n: from + index }));

  it('has one CometD session per API, and each client gets every notification once, in order', async () => {
    const anna = await stack.signIn('anna');
    const clients = [anna.openTab(), anna.openTab(), anna.openTab()];
    for (const client of clients) await client.connected(...APIS);
    publish(1, 50);
    for (const client of clients) {
      await eventually(() => expect(client.dataOn(VOICE)).toEqual(numbers(1, 50)));
    }
    expect(clients.map(({ received }) => received[0]?.type)).toEqual(['ready', 'ready', 'ready']);
    expect(clients.map(({ received }) => received.filter(({ type }) => type === 'ready').length)).toEqual([
      1, 1, 1,
    ]);
    const cursors = clients.map(({ notifications }) =>
      notifications.filter(({ channel }) => channel === VOICE).map(({ cursor }) => cursor),
    );
    expect(cursors[1]).toEqual(cursors[0]);
    expect(cursors[2]).toEqual(cursors[0]);
    for (const api of APIS) {
      expect(seen(api)).toMatchObject({
        handshakes: 1,
        sessions: 1,
        maxSessions: 1,
        multipleClientsAdvised: false,
      });
    }
  });

  it('keeps its CometD sessions for the linger time after the last client left, and then ends them', async () => {
    const anna = await stack.signIn('anna');
    const [first, second] = [anna.openTab(), anna.openTab()];
    await first.connected(...APIS);
    await second.connected(...APIS);
    first.close();
    second.close();
    const left = performance.now();
    await eventually(() => expect(APIS.map((api) => seen(api).sessions)).toEqual([0, 0, 0]));
    expect(performance.now() - left).toBeGreaterThanOrEqual(LINGER_MS - 50);
    expect(APIS.map((api) => seen(api).disconnects)).toEqual([1, 1, 1]);
    expect(seen('workspace').logouts).toBe(0);
  });

  it('keeps them when a client comes back in that time', async () => {
    const anna = await stack.signIn('anna');
    const first = anna.openTab();
    await first.connected(...APIS);
    first.close();
    const second = anna.openTab({ after: first.cursor });
    expect(await second.ready()).toMatchObject({ recovered: true });
    await new Promise((resolve) => setTimeout(resolve, LINGER_MS * 2));
    expect(APIS.map((api) => seen(api).handshakes)).toEqual([1, 1, 1]);
    expect(APIS.map((api) => seen(api).sessions)).toEqual([1, 1, 1]);
  });

  it('ends them at once, tells every client and logs out upstream when it logs out', async () => {
    const anna = await stack.signIn('anna');
    const [first, second] = [anna.openTab(), anna.openTab()];
    await first.connected(...APIS);
    await second.connected(...APIS);
    const loggedOut = performance.now();
    expect((await anna.post('/auth/logout')).status).toBe(204);
    for (const client of [first, second]) {
      await eventually(() => expect(client.socket.connected).toBe(false), 1_000);
      expect(client.received.at(-1)).toMatchObject({ type: 'session', state: 'ended', reason: 'logout' });
    }
    await eventually(() => expect(APIS.map((api) => seen(api).sessions)).toEqual([0, 0, 0]));
    await eventually(() => expect(seen('workspace').logouts).toBe(1));
    await eventually(() => expect(seen('provisioning').logouts).toBe(1));
    await eventually(() => expect(stack.simulator.control.seen('anna').signOuts).toBe(1));
    expect(performance.now() - loggedOut).toBeLessThan(3_000);
    expect((await anna.request('/auth/session')).status).toBe(401);
    expect((await anna.request('/api/workspace/v3/current-session')).status).toBe(401);
    const late = anna.openTab();
    expect((await late.refused()).data).toMatchObject({ code: 'unauthenticated' });
  });

  it('keeps its CometD sessions when one of its two logins ends', async () => {
    const [desktop, phone] = [await stack.signIn('anna'), await stack.signIn('anna')];
    const [onDesktop, onPhone] = [desktop.openTab(), phone.openTab()];
    await onDesktop.connected(...APIS);
    await onPhone.connected(...APIS);
    await desktop.post('/auth/logout');
    await eventually(() => expect(onDesktop.socket.connected).toBe(false));
    publish(1, 3);
    await eventually(() => expect(onPhone.dataOn(VOICE)).toEqual(numbers(1, 3)));
    expect(seen('workspace')).toMatchObject({ handshakes: 1, sessions: 1, logouts: 0 });
    expect((await phone.request('/api/workspace/v3/current-session')).status).toBe(200);
  });

  it('ends both sessions when it has logged in twice in one browser, and logs out upstream', async () => {
    const anna = await stack.signIn('anna');
    const first = anna.openTab();
    await first.connected(...APIS);
    await anna.signIn();
    const second = anna.openTab();
    await second.connected(...APIS);
    expect(first.socket.connected).toBe(true);
    await anna.post('/auth/logout');
    await eventually(() =>
      expect([first, second].map(({ socket }) => socket.connected)).toEqual([false, false]),
    );
    await eventually(() => expect(seen('workspace')).toMatchObject({ sessions: 0, logouts: 1 }));
    await eventually(() => expect(stack.simulator.control.seen('anna').signOuts).toBe(2));
  });

  it('can log in again at once after a logout, with a CometD session of its own', async () => {
    const before = await stack.signIn('anna');
    await before.openTab().connected('workspace');
    await before.post('/auth/logout');
    const after = await stack.signIn('anna');
    const tab = after.openTab();
    await tab.connected(...APIS);
    publish(1, 2);
    await eventually(() => expect(tab.dataOn(VOICE)).toEqual(numbers(1, 2)));
    expect(seen('workspace')).toMatchObject({ sessions: 1, maxSessions: 1 });
  });
});
