import { describe, expect, it } from 'vitest';
import { BayeuxClient } from '../testing/bayeux-client.js';
import { HttpClient, clientOf } from '../testing/http-client.js';
import { simulators } from '../testing/simulator.js';

const start = simulators();
const SUBSCRIPTIONS = '/statistics/v3/subscriptions';
const UPDATES = '/statistics/v3/updates';
const wanted = {
  operationId: 'sub-1',
  data: {
    statistics: [
      { statisticId: 's1', objectId: 'anna', objectType: 'Agent', name: 'CurrentAgentState' },
      { statisticId: 's2', objectId: 'anna', objectType: 'Agent', name: 'TimeInCurrentState' },
    ],
  },
};

describe('Statistics', () => {
  it('wants a live bearer token on REST and CometD alike', async () => {
    const { url, control } = await start();
    const client = await clientOf(url, 'anna');
    const bayeux = await BayeuxClient.listening(client, 'statistics', UPDATES);
    control.expireAccessTokens('anna');
    const refused = await client.post(SUBSCRIPTIONS, wanted);
    expect(refused.status).toBe(401);
    expect(refused.json).toMatchObject({ status: 401, error: 'Unauthorized' });
    expect((await bayeux.send('/connect', '/meta/connect')).status).toBe(401);
    expect((await new HttpClient(url).post(SUBSCRIPTIONS, wanted)).status).toBe(401);
    expect(control.seen('anna').apis.statistics.unauthorized401).toBe(2);
  });

  it('sets its session cookie by itself, once, beside the one of CometD', async () => {
    const { url } = await start();
    const bayeux = new BayeuxClient(await clientOf(url, 'anna'), 'statistics');
    const handshake = await bayeux.send('/handshake', '/meta/handshake', { version: '1.0' });
    const names = handshake.headers.getSetCookie().map((line) => line.split('=')[0]);
    expect(names.sort()).toEqual(['BAYEUX_BROWSER', 'STATISTICS_SESSIONID']);
    expect((await bayeux.http.post(SUBSCRIPTIONS, wanted)).headers.getSetCookie()).toEqual([]);
  });

  it('goes on in the same CometD session with a new token', async () => {
    const { url, control } = await start();
    const client = await clientOf(url, 'anna');
    const bayeux = await BayeuxClient.listening(client, 'statistics', UPDATES);
    control.expireAccessTokens('anna');
    client.headers.authorization = (await clientOf(url, 'anna')).headers.authorization ?? '';
    control.publish('anna', 'statistics', UPDATES, 'still here');
    expect((await bayeux.connect())[0]?.data).toBe('still here');
  });

  it('tells that its service is available to whoever subscribes', async () => {
    const { url } = await start();
    const bayeux = new BayeuxClient(await clientOf(url, 'anna'), 'statistics');
    await bayeux.handshake();
    const replies = await bayeux.subscribe('/statistics/v3/service');
    expect(replies[0]).toMatchObject({
      channel: '/statistics/v3/service',
      data: { serviceState: 'Available' },
    });
  });
});

describe('a subscription', () => {
  it('has the operation id as its id, and its values are pushed every period', async () => {
    const { url } = await start({ statisticsPeriodMs: 20 });
    const client = await clientOf(url, 'anna');
    const bayeux = await BayeuxClient.listening(client, 'statistics', UPDATES);
    const created = await client.post(`${SUBSCRIPTIONS}?verbose=INFO`, wanted);
    expect(created.json).toMatchObject({
      status: { code: 0 },
      data: {
        subscriptionId: 'sub-1',
        operationId: 'sub-1',
        statistics: [{ statisticId: 's1' }, { statisticId: 's2' }],
      },
    });
    for (let round = 0; round < 2; round++) {
      expect((await bayeux.connect())[0]).toMatchObject({
        channel: UPDATES,
        data: {
          data: {
            statistics: [
              { subscriptionId: 'sub-1', statisticId: 's1', value: { stringValue: 'LoggedOut' } },
              {},
            ],
          },
        },
      });
    }
  });

  it('is refused when its id is taken', async () => {
    const { url } = await start();
    const client = await clientOf(url, 'anna');
    await client.post(SUBSCRIPTIONS, wanted);
    expect((await client.post(SUBSCRIPTIONS, wanted)).status).toBe(400);
  });

  it('can be peeked at and deleted', async () => {
    const { url } = await start();
    const client = await clientOf(url, 'anna');
    await client.post(SUBSCRIPTIONS, wanted);
    const peek = await client.get(`${SUBSCRIPTIONS}/sub-1/statistic-values?statisticIds=s2`);
    expect(peek.json).toMatchObject({ data: { statistics: [{ statisticId: 's2' }] } });
    expect((await client.delete(`${SUBSCRIPTIONS}/sub-1`)).json).toEqual({ status: { code: 0 } });
    expect((await client.get(`${SUBSCRIPTIONS}/sub-1/statistic-values`)).status).toBe(404);
  });

  it('is gone with the last CometD session of its user', async () => {
    const { url, control } = await start();
    const client = await clientOf(url, 'anna');
    await BayeuxClient.listening(client, 'statistics', UPDATES);
    await client.post(SUBSCRIPTIONS, wanted);
    control.forgetBayeuxSession('anna', 'statistics');
    expect((await client.get(`${SUBSCRIPTIONS}/sub-1/statistic-values`)).status).toBe(404);
  });
});
