import { type TestProject } from 'vitest/node';
import { startRedisCluster } from './redis-cluster.js';
import { startRedis } from './redis-server.js';

/** One standalone Redis and one cluster for all contract suites of a run; each test has keys of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [standalone, cluster] = await Promise.all([startRedis(), startRedisCluster()]);
  project.provide('redisStandaloneUrl', standalone.url);
  project.provide('redisClusterUrl', cluster.url);
  return async () => {
    await Promise.all([standalone.close(), cluster.close()]);
  };
}
