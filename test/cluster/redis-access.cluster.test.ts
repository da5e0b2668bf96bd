import { readFile } from 'node:fs/promises';
import { eventually } from '@gw/kernel/testing';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { startCluster } from '../support/cluster.js';
import { startRedis } from '../support/redis-server.js';

const VOICE = '/workspace/v3/voice';

describe('a Redis user with the rights that docs/operations.md gives it', () => {
  it('is all that the gateways need, from the login to the logout', async () => {
    const page = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const [, rule = ''] = /^ACL SETUSER (gateway .+)$/mu.exec(page) ?? [];
    const redis = await startRedis();
    const admin = new Redis(redis.url);
    await admin.call('ACL', 'SETUSER', ...rule.split(' '));
    const url = redis.url.replace('redis://', 'redis://gateway:password@');
    const environment = { LOG_LEVEL: 'info', REDIS_PREFIX: 'gw' };
    const cluster = await startCluster({ gateways: 2, redis: url, environment });
    try {
      const [one, two] = cluster.gateways;
      const anna = await cluster.signIn('anna', one);
      const tab = anna.through(two!.url).openTab();
      await tab.connected('workspace', 'statistics', 'provisioning');
      cluster.simulator.control.publish('anna', 'workspace', VOICE, 'heard');
      await eventually(() => expect(tab.dataOn(VOICE)).toEqual(['heard']));
      expect((await anna.through(two!.url).post('/auth/logout')).status).toBe(204);
      await eventually(() => expect(tab.socket.connected).toBe(false));
      expect(await admin.call('ACL', 'LOG')).toEqual([]);
      for (const gateway of cluster.gateways) expect(gateway.log()).not.toMatch(/NOPERM|WARN|ERROR/u);
    } finally {
      await cluster.close();
      admin.disconnect();
      await redis.close();
    }
  });
});
