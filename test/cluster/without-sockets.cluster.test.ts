import { eventually } from '@gw/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { faultsIn } from '../support/history.js';
import { NumberStream } from '../support/number-stream.js';
import { Poller } from '../support/poller.js';
import { StreamClient } from '../support/stream-client.js';

const API = 'workspace';
const VOICE = '/workspace/v3/voice';
const PATIENCE_MS = 30_000;
const POLL_WAIT_S = 5;

describe.each(['nginx', 'haproxy'] as const)('two gateways behind %s', (kind) => {
  const cluster = useCluster({ gateways: 2, loadBalancer: kind });

  it('let polls and event streams go on at another one when theirs is killed or leaves', async () => {
    const anna = await cluster().signIn('anna');
    const channels = `${API}:${VOICE}`;
    const stream = new StreamClient(anna, cluster().url, { channels });
    onTestFinished(() => stream.close());
    await stream.connected(API);
    const poller = new Poller(anna, cluster().url, channels);
    await poller.poll();
    const polls = new AbortController();
    const polling = (async () => {
      while (!polls.signal.aborted) {
        // An app asks again by the cursor of its last answer.
        await poller
          .poll({ wait: POLL_WAIT_S })
          .catch(() => new Promise((resolve) => setTimeout(resolve, 200)));
      }
    })();
    onTestFinished(() => polls.abort());
    const numbers = new NumberStream(cluster().simulator.control, 'anna', API, VOICE, 50);
    onTestFinished(() => void numbers.stop());

    for (const [index, gateway] of cluster().gateways.entries()) {
      const before = numbers.published.length;
      if (index === 1) expect(await gateway.terminate()).toBe(0);
      else await gateway.kill();
      await gateway.restart();
      await eventually(() => {
        for (const { heard } of [stream, poller]) expect(heard.at(-1)).toBeGreaterThan(before);
      }, PATIENCE_MS);
    }
    const last = numbers.stop();
    await eventually(() => {
      for (const { heard } of [stream, poller]) expect(heard.at(-1)).toBe(last);
    }, PATIENCE_MS);
    polls.abort();
    await polling;
    for (const { heard, gaps } of [stream, poller]) {
      expect(faultsIn(numbers.published, heard)).toEqual([]);
      expect(gaps).toEqual([]);
    }
    expect(stream.statuses.length).toBeGreaterThan(1);
    expect(cluster().simulator.control.seen('anna').apis[API]).toMatchObject({
      handshakes: 1,
      maxSessions: 1,
    });
  });
});
