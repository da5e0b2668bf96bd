import { eventually } from '@gw/kernel/testing';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { useCluster } from '../support/cluster.js';
import { faultsIn } from '../support/history.js';
import { Listener } from '../support/listener.js';
import { NumberStream } from '../support/number-stream.js';
import { ownerOf } from '../support/redis-contents.js';

const VOICE = '/workspace/v3/voice';
const API = 'workspace';
/** Longer than it takes to be dead to the others, shorter than what makes an instance distrust itself. */
const FROZEN_MS = 7_500;
const TAKEN_OVER_WITHIN_MS = 6_000;
const PATIENCE_MS = 30_000;
const LOST = 'another instance owns the upstream connection now';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('An owner that freezes for longer than its lease', () => {
  const cluster = useCluster({ environment: { LOG_LEVEL: 'debug' } });

  it('is replaced, is refused when it wakes up, and stops; no socket misses or repeats anything', async () => {
    const { simulator, gateways, redis } = cluster();
    const { control } = simulator;
    const client = new Redis(redis!.url);
    onTestFinished(() => client.disconnect());
    const anna = await cluster().signIn('anna', gateways[0]);
    const listeners = gateways.map(
      ({ url }) => new Listener({ person: anna, api: API, channel: VOICE, addresses: [url] }),
    );
    onTestFinished(() => listeners.forEach((listener) => listener.close()));
    for (const listener of listeners) await listener.connected();
    const ownerName = await ownerOf(client, 'anna', API);
    const frozen = gateways.findIndex(({ name }) => name === ownerName);
    expect(frozen, `${ownerName} is one of ours`).toBeGreaterThanOrEqual(0);
    const stream = new NumberStream(control, 'anna', API, VOICE, 50);
    onTestFinished(() => void stream.stop());
    const last = (index: number) => listeners[index]!.heard.at(-1);
    const survivors = [0, 1, 2].filter((index) => index !== frozen);
    await eventually(() => expect(last(frozen)).toBeGreaterThan(10));

    gateways[frozen]!.pause();
    const frozenAt = performance.now();
    onTestFinished(() => gateways[frozen]!.resume());
    await pause(200);
    const atFreezing = stream.published.length;
    await eventually(() => {
      for (const survivor of survivors) expect(last(survivor)).toBeGreaterThan(atFreezing);
    }, PATIENCE_MS);
    const tookMs = performance.now() - frozenAt;
    expect(tookMs).toBeLessThan(TAKEN_OVER_WITHIN_MS);
    expect(await ownerOf(client, 'anna', API)).not.toBe(ownerName);
    await pause(FROZEN_MS - tookMs);
    const before = gateways[frozen]!.log().length;
    gateways[frozen]!.resume();

    await eventually(() => expect(gateways[frozen]!.log().slice(before)).toContain(LOST), PATIENCE_MS);
    const atWaking = stream.published.length;
    await eventually(() => {
      for (const listener of listeners) expect(listener.heard.at(-1)).toBeGreaterThan(atWaking + 20);
    }, PATIENCE_MS);
    const end = stream.stop();
    await eventually(() => {
      for (const listener of listeners) expect(listener.heard.at(-1)).toBe(end);
    }, PATIENCE_MS);
    expect(listeners.map(({ heard }) => faultsIn(stream.published, heard))).toEqual([[], [], []]);
    expect(listeners.flatMap(({ gaps }) => gaps)).toEqual([]);

    // It has stopped: two that poll would take the held request from one another all the time.
    const connects = () => control.seen('anna').apis.workspace.connects;
    await pause(500);
    const quietSince = connects();
    await pause(2_000);
    expect(connects() - quietSince).toBeLessThanOrEqual(1);
    expect(control.seen('anna').apis.workspace).toMatchObject({ handshakes: 1, sessions: 1, maxSessions: 1 });
    expect(await ownerOf(client, 'anna', API)).not.toBe(ownerName);
  });
});
