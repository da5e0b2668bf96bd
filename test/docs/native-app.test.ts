import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locationOf, Person } from '../support/person.js';
import { startStack, type Stack } from '../support/stack.js';
import { NativeApp } from './examples/native-app.js';

const REDIRECT = 'com.example.phone:/signed-in';
// eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so that it stands out; this is loopback
const WITHOUT_TLS = { [oauth.allowInsecureRequests]: true };

describe('an app that is written as docs/clients.md says', () => {
  let stack: Stack;

  beforeAll(async () => {
    const clients = JSON.stringify([{ client_id: 'phone', redirect_uris: [REDIRECT] }]);
    stack = await startStack({ environment: { NATIVE_CLIENTS: clients, NATIVE_ACCESS_TTL_S: '3' } });
  });
  afterAll(() => stack.close());

  it('logs in, renews its token once for all who need it, and logs out', async () => {
    const person = new Person(stack.url, 'anna');
    const app = await NativeApp.at(stack.url, 'phone', REDIRECT, WITHOUT_TLS);
    await app.logIn(async (url) => {
      const callback = await person.authorize(locationOf(await person.agent.request(url)));
      return locationOf(await person.agent.request(callback));
    });
    const first = app.token;
    expect((await app.fetch('/auth/session')).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 3_100));
    const answers = await Promise.all(Array.from({ length: 5 }, () => app.fetch('/auth/session')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(app.token).not.toBe(first);
    const { token } = app;
    await app.logOut();
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${stack.url}/auth/session`, { headers })).status).toBe(401);
  });
});
