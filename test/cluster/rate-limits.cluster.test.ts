import { afterEach, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../support/cluster.js';

const CONFIGURATION = '/api/workspace/v3/configuration';
const QUOTA = 50;

let cluster: Cluster;
afterEach(() => cluster.close());

/** How many of so many requests of anna's, by turns at each gateway, are not refused. */
async function allowed(requests: number): Promise<number> {
  const anna = await cluster.signIn('anna');
  const [first, second] = cluster.gateways.map(({ url }) => anna.through(url));
  let count = 0;
  for (let request = 0; request < requests; request += 1) {
    const answer = await (request % 2 === 0 ? first : second)?.request(CONFIGURATION);
    if (answer?.status !== 429) count += 1;
  }
  return count;
}

it('Two gateways let through one quota and at most a tenth of it each', async () => {
  cluster = await startCluster({ gateways: 2, environment: { RATE_LIMITS: `request=${QUOTA}/600` } });
  const count = await allowed(2 * QUOTA);
  expect(count).toBeGreaterThanOrEqual(QUOTA);
  expect(count).toBeLessThanOrEqual(QUOTA + 2 * (QUOTA / 10) + 1);
});

it('Without Redis a gateway goes on by what it sees itself, and refuses nobody for want of it', async () => {
  cluster = await startCluster({ gateways: 1, environment: { RATE_LIMITS: `request=${QUOTA}/600` } });
  const anna = await cluster.signIn('anna');
  expect((await anna.request(CONFIGURATION)).status).toBe(200);
  await cluster.redis?.stop();
  const answers = await Promise.all(Array.from({ length: QUOTA + 20 }, () => anna.request(CONFIGURATION)));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(QUOTA - 1);
  expect(statuses.filter((status) => status === 429)).toHaveLength(21);
});
