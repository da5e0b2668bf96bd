import { eventually } from '@gw/kernel/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { leaksOf } from '../support/leaks.js';
import { NativeApp, oauthErrorOf } from '../support/native-app.js';
import { Person } from '../support/person.js';
import { type SocketClient } from '../support/socket-client.js';

const REDIRECT = 'com.example.phone:/signed-in';
const CURRENT = '/api/workspace/v3/current-session';
const VOICE = '/workspace/v3/voice';
const VOICE_ONLY = [{ api: 'workspace', channel: VOICE }];
const WITHIN_MS = 1_000;

describe('a native app at three instances', () => {
  const cluster = useCluster({
    environment: {
      LOG_LEVEL: 'warn',
      NATIVE_CLIENTS: JSON.stringify([{ client_id: 'phone', redirect_uris: [REDIRECT] }]),
    },
  });
  let app: NativeApp;
  let person: Person;
  let instances: [a: string, b: string, c: string];

  beforeEach(async () => {
    const [a, b, c] = cluster().gateways.map(({ url }) => url);
    instances = [a!, b!, c!];
    app = await NativeApp.discover(cluster().url, 'phone', REDIRECT);
    person = new Person(cluster().url, 'anna');
  });
  afterEach(() => app.close());

  it('logs in at one, gets its tokens at the next, uses them at the third, and all hear of the end', async () => {
    const [a, b, c] = instances;
    const begun = await app.begin();
    const tokens = await app.exchange(begun, await app.letLogIn(person, begun, a), b);
    for (const instance of instances) expect(await app.status(CURRENT, tokens.access, instance)).toBe(200);
    const socket = app.openSocket({ token: tokens.access, channels: VOICE_ONLY }, c);
    await socket.connected('workspace');

    await app.revoke(tokens.refresh, a);
    const revokedAt = Date.now();
    await eventually(async () => {
      const statuses = await Promise.all(instances.map((one) => app.status(CURRENT, tokens.access, one)));
      expect(statuses).toEqual([401, 401, 401]);
      expect(socket.socket.connected).toBe(false);
    });
    expect(Date.now() - revokedAt).toBeLessThan(WITHIN_MS);
    expect(socket.received.at(-1)).toMatchObject({ type: 'session', state: 'ended', reason: 'logout' });
    await expect(app.refresh(tokens.refresh, b).catch(oauthErrorOf)).resolves.toBe('invalid_grant');
  });

  it('has one winner when it refreshes everywhere at once, and is signed out for it', async () => {
    const [a] = instances;
    const first = await app.signIn(person, a);
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        app.refresh(first.refresh, instances[index % 3]).then(
          (tokens) => tokens,
          (error: unknown) => oauthErrorOf(error),
        ),
      ),
    );
    const winners = outcomes.filter((outcome) => typeof outcome !== 'string');
    expect(winners).toHaveLength(1);
    expect(new Set(outcomes.filter((outcome) => typeof outcome === 'string'))).toEqual(
      new Set(['invalid_grant']),
    );
    await eventually(async () => {
      for (const instance of instances) {
        expect(await app.status('/auth/session', winners[0]!.access, instance)).toBe(401);
        expect(await app.status('/auth/session', first.access, instance)).toBe(401);
      }
    });
  });

  it('has one winner when it redeems a code everywhere at once, and nothing of it is left', async () => {
    const [a] = instances;
    const begun = await app.begin();
    const answer = await app.letLogIn(person, begun, a);
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        app.exchange(begun, answer, instances[index % 3]).then(
          (tokens) => tokens,
          (error: unknown) => oauthErrorOf(error),
        ),
      ),
    );
    const winners = outcomes.filter((outcome) => typeof outcome !== 'string');
    expect(winners.length).toBeLessThanOrEqual(1);
    for (const { access } of winners) {
      await eventually(async () => {
        for (const instance of instances)
          expect(await app.status('/auth/session', access, instance)).toBe(401);
      });
    }
  });

  it('goes on with its newest socket, wherever the one before was', async () => {
    const [a] = instances;
    const { access } = await app.signIn(person, a);
    const sockets: SocketClient[] = [];
    for (const instance of [...instances, ...instances]) {
      const socket = app.openSocket({ token: access, channels: VOICE_ONLY }, instance);
      await socket.connected('workspace');
      sockets.push(socket);
    }
    const newest = sockets.pop()!;
    await eventually(() => {
      for (const { socket } of sockets) expect(socket.connected).toBe(false);
    });
    for (const { received } of sockets) expect(received.at(-1)).toMatchObject({ type: 'replaced' });
    cluster().simulator.control.publish('anna', 'workspace', VOICE, 'ring');
    await eventually(() => expect(newest.dataOn(VOICE)).toEqual(['ring']));
    expect(newest.socket.connected).toBe(true);
  });

  it('leaves one socket of those that come everywhere at once', async () => {
    const [a] = instances;
    const { access } = await app.signIn(person, a);
    const sockets = instances.map((instance) => app.openSocket({ token: access, channels: [] }, instance));
    const connected = () => sockets.filter(({ socket }) => socket.connected);
    await eventually(() => expect(sockets.every(({ received }) => received.length > 0)).toBe(true));
    await eventually(() => expect(connected()).toHaveLength(1));
    expect(sockets.filter(({ received }) => received.at(-1)?.type === 'replaced')).toHaveLength(2);
  });

  it('has no token of its own, and none of the platform, lying in Redis in clear', async () => {
    const [a, b] = instances;
    const begun = await app.begin();
    const answer = await app.letLogIn(person, begun, a);
    const code = new URL(answer).searchParams.get('code')!;
    const redis = new Redis(cluster().redis!.url);
    try {
      const before = await contentsOf(redis);
      const tokens = await app.exchange(begun, answer, b);
      const next = await app.refresh(tokens.refresh, a);
      const contents = before + (await contentsOf(redis));
      expect(contents).toMatch(/native-code.*native-access.*native-family/su);
      const handles = [tokens, next].flatMap(({ access, refresh }) => [access, refresh]);
      const secrets = [code, ...handles, ...cluster().simulator.control.secrets('anna')];
      expect(leaksOf(secrets, contents)).toEqual([]);
    } finally {
      redis.disconnect();
    }
  });
});

/** All keys of ours with what is in them, in the order of their kinds. */
async function contentsOf(redis: Redis): Promise<string> {
  const found: string[] = [];
  for (const kind of ['native-code', 'native-access', 'native-family', 'session']) {
    for (const key of await redis.keys(`*:${kind}:*`)) {
      const type = await redis.type(key);
      found.push(key, JSON.stringify(type === 'hash' ? await redis.hgetall(key) : await redis.get(key)));
    }
  }
  return found.join('\n');
}
