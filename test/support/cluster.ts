import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Cluster, type ClusterOptions, startCluster } from './start-cluster.js';

export { type Cluster, startCluster } from './start-cluster.js';

/** The cluster that the tests of one `describe` share; a test that fails shows its logs. */
export function useCluster(options: ClusterOptions = {}): () => Cluster {
  let cluster: Cluster | undefined;
  beforeAll(async () => {
    cluster = await startCluster(options);
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.error(cluster?.report());
  });
  afterAll(async () => {
    await cluster?.close();
  });
  return () => {
    if (!cluster) throw new Error('The cluster is there when the tests run');
    return cluster;
  };
}
