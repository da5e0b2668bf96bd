import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BayeuxClient } from '../testing/bayeux-client.js';
import { HttpClient, clientOf, type HttpClient as Client } from '../testing/http-client.js';
import { simulators } from '../testing/simulator.js';

const start = simulators();
const INITIALIZE = '/provisioning/v3/initialize-provisioning';
const USERS = '/provisioning/v3/objects/users';

async function adminOf(url: string, user: string): Promise<Client> {
  const client = await clientOf(url, user);
  await client.post(INITIALIZE);
  return client;
}

describe('initialize-provisioning', () => {
  it('is done at once, and names the session that its cookie holds', async () => {
    const { url, control } = await start();
    const client = await clientOf(url, 'anna');
    const answer = await client.post(INITIALIZE);
    const sessionId = client.cookies.get('PROVISIONING_SESSIONID');
    expect(answer.json).toEqual({ status: { code: 0 }, data: { sessionId } });
    expect(control.seen('anna').apis.provisioning.sessionInits).toBe(1);
  });

  it('refuses who is no administrator with 403, and a bad token with 401', async () => {
    const { url } = await start();
    expect((await (await clientOf(url, 'emma')).post(INITIALIZE)).status).toBe(403);
    expect((await new HttpClient(url).post(INITIALIZE)).status).toBe(401);
  });
});

describe('an administrator', () => {
  it('lists users, and is refused without a session', async () => {
    const { url } = await start();
    const client = await adminOf(url, 'anna');
    expect((await client.get(`${USERS}?limit=2&offset=1`)).json).toMatchObject({
      data: { users: [{ employeeID: 'bela' }, { employeeID: 'chloe' }], totalCount: 5 },
    });
    expect((await new HttpClient(url).get(USERS)).status).toBe(403);
  });

  it('gets the result of an asynchronous operation as a string of JSON, under the id it chose', async () => {
    const { url } = await start();
    const client = await adminOf(url, 'anna');
    const bayeux = await BayeuxClient.listening(client, 'provisioning', '/*');
    const accepted = await client.post('/provisioning/v3/operations/get-users?_aioId=abc&limit=1');
    expect(accepted.json).toEqual({ status: { code: 1 } });
    const [notification] = await bayeux.connect();
    expect(notification?.channel).toMatch(/^\/[^/]+$/);
    const { channel, data } = z
      .object({
        channel: z.string(),
        data: z.object({ id: z.string(), data: z.object({ data: z.string() }) }),
      })
      .parse(notification?.data);
    expect([channel, data.id]).toEqual(['operations', 'abc']);
    expect(JSON.parse(data.data.data)).toMatchObject({
      data: { users: [{ employeeID: 'anna' }], totalCount: 5 },
    });
  });

  it.each(['get', 'post'] as const)('logs out by %s, and the CometD session with it', async (method) => {
    const { url, control } = await start();
    const client = await adminOf(url, 'anna');
    await BayeuxClient.listening(client, 'provisioning', '/*');
    expect((await client[method]('/provisioning/v3/logout')).status).toBe(200);
    expect((await client.get(USERS)).status).toBe(403);
    expect(control.seen('anna').apis.provisioning).toMatchObject({ logouts: 1, sessions: 0 });
  });
});
