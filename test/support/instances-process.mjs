// Instances that hold wishes, leases and reports of people, and do nothing else: to be killed in numbers.
//
// node instances-process.mjs REDIS_URL REDIS_PREFIX FIRST COUNT
//
// Instance n holds what there is to hold of person `nobody-n`. Writes "ready" when all do.
import { randomBytes } from 'node:crypto';
import { asApiName, asInstanceId, asUserId, Keyring, Secret, SystemClock } from '@gw/kernel';
import { RedisBoard, RedisInstances, RedisLeases } from '@gw/ownership/redis';
import { Keyspace, parseRedisUrl, RedisConnections } from '@gw/redis';

const [, , url, prefix, first, count] = process.argv;
const clock = new SystemClock();
const keys = new Keyspace(prefix);
const keyring = new Keyring([{ id: 'own', key: new Secret(randomBytes(32).toString('base64')) }]);
const api = asApiName('workspace');
const channels = ['/workspace/v3/voice'];
const silent = { connected() {}, disconnected() {} };

async function hold(number) {
  const redis = new RedisConnections(parseRedisUrl(url), clock, silent);
  await redis.ready(10_000);
  const instances = new RedisInstances(redis, keys, clock, { self: asInstanceId(`killed-${number}`) });
  await instances.start();
  const board = new RedisBoard(redis, keys, instances);
  const leases = new RedisLeases(redis, keys, keyring, instances);
  const user = asUserId(`nobody-${number}`);
  await board.wish(user, api, channels);
  const claim = await leases.claim(user, api);
  if (claim.kind !== 'granted') throw new Error(`the lease of ${user} is held`);
  await leases.save(user, api, claim.lease, { state: 'a state' });
  const report = { state: 'connected', channels: { [channels[0]]: 0 }, refused: [] };
  if (!(await board.report(user, api, claim.lease, report))) throw new Error('the lease is lost');
}

await Promise.all(Array.from({ length: Number(count) }, (_, index) => hold(Number(first) + index)));
console.log('ready');
