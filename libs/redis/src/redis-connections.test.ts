import { nextTick } from 'node:process';
import { describe, expect, it } from 'vitest';
import { eventually } from '@gw/kernel/testing';
import { REDIS_TIMEOUT_MS } from './redis-client.js';
import { type RedisConnections } from './redis-connections.js';
import { RedisScript } from './redis-script.js';
import { redisServers } from './testing/index.js';

describe.each(redisServers)('the connections to $name', ({ connect }) => {
  it('carry out commands and scripts, also one that the server has not seen', async () => {
    const { redis, keys, close } = await connect();
    const key = keys.of('greeting');
    const script = new RedisScript(`return redis.call('SET', KEYS[1], ARGV[1]) -- ${key}`);
    await redis.run((client) => script.run(client, [key], ['hello']));
    expect(await redis.run((client) => client.get(key))).toBe('hello');
    close();
  });

  it('bring what is published after a listener is ready, and nothing after it stopped', async () => {
    const { redis, keys, close } = await connect();
    const channel = keys.of('news');
    const heard: string[] = [];
    await untilNodesTalk(redis, keys.of('warm-up'));
    const stop = await redis.channels.listen(channel, {
      message: (text) => heard.push(text),
      listening: () => {},
    });
    await redis.run((client) => client.publish(channel, 'one'));
    await eventually(() => expect(heard).toEqual(['one']));
    stop();
    // What a cluster's nodes tell one another comes in order, but after the publisher's answer.
    const marker = keys.of('marker');
    let passed = false;
    await redis.channels.listen(marker, { message: () => (passed = true), listening: () => {} });
    await redis.run((client) => client.publish(channel, 'two'));
    await redis.run((client) => client.publish(marker, ''));
    await eventually(() => expect(passed).toBe(true));
    const again = await redis.channels.listen(channel, {
      message: (text) => heard.push(text),
      listening: () => {},
    });
    await redis.run((client) => client.publish(channel, 'three'));
    await eventually(() => expect(heard).toEqual(['one', 'three']));
    again();
    close();
  });

  it('listen again after the connection broke, and say so', async () => {
    const { redis, keys, close } = await connect();
    const channel = keys.of('news');
    const heard: string[] = [];
    await redis.channels.listen(channel, {
      message: (text) => heard.push(text),
      listening: () => heard.push('listening'),
    });
    await eventually(() => expect(heard).toEqual(['listening']));
    redis.channels.reconnect();
    await eventually(() => expect(heard).toEqual(['listening', 'listening']));
    await redis.run((client) => client.publish(channel, 'one'));
    await eventually(() => expect(heard.at(-1)).toBe('one'));
    close();
  });
});

it.each(redisServers)(
  '$name: an event loop that stood still is not the silence of the server',
  async ({ connect }) => {
    const { redis, keys, close } = await connect();
    const key = keys.of('greeting');
    // A cluster's node is connected to when it is first needed.
    await redis.run((client) => client.set(key, 'hello'));
    const listened = redis.channels.listen(keys.of('news'), { message: () => {}, listening: () => {} });
    const answered = redis.run((client) => client.get(key));
    // Sent, and answered while nobody here can read it.
    nextTick(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, REDIS_TIMEOUT_MS + 500));
    expect(await answered).toBe('hello');
    await expect(listened).resolves.toBeTypeOf('function');
    close();
  },
);

/** The nodes of a fresh cluster may still be making their links to one another. */
async function untilNodesTalk(redis: RedisConnections, channel: string): Promise<void> {
  let heard = 0;
  const stop = await redis.channels.listen(channel, { message: () => (heard += 1), listening: () => {} });
  await eventually(async () => {
    await redis.run((client) => client.publish(channel, ''));
    // Each time through any of its nodes.
    expect(heard).toBeGreaterThan(9);
  });
  stop();
}
