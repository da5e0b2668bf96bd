import { eventually } from '@gw/kernel/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codes, Page } from '../../docs/page.js';
import { type Person } from '../../support/person.js';
import { Poller } from '../../support/poller.js';
import { type Stack, startStack } from '../../support/stack.js';
import { StreamClient } from '../../support/stream-client.js';

const VOICE = '/workspace/v3/voice';
const VOICE_ONLY = `workspace:${VOICE}`;

describe('the metrics of a gateway at work', () => {
  let stack: Stack;
  let anna: Person;
  let text: string;
  let type: string | null;

  const scrape = async () => {
    const answer = await fetch(`${stack.url}/metrics`);
    expect(answer.status).toBe(200);
    type = answer.headers.get('content-type');
    text = await answer.text();
  };
  const value = (sample: string): number => {
    const line = text.split('\n').find((one) => one.startsWith(`${sample} `));
    if (line === undefined) throw new Error(`no ${sample} in ${text}`);
    return Number(line.slice(sample.length + 1));
  };

  beforeAll(async () => {
    stack = await startStack();
    anna = await stack.signIn('anna');
  });
  afterAll(() => stack.close());

  it('tell who is attached, what was received and delivered, and what was asked', async () => {
    const tab = anna.openTab({ channels: [{ api: 'workspace', channel: VOICE }] });
    await tab.connected('workspace');
    const stream = new StreamClient(anna, stack.url, { channels: VOICE_ONLY });
    await stream.connected('workspace');
    const poller = new Poller(anna, stack.url, VOICE_ONLY);
    await poller.poll();
    const polling = poller.poll({ wait: 30 });
    expect((await anna.request('/api/workspace/v3/current-session')).status).toBe(200);
    expect((await anna.request('/api/workspace/v3/login')).status).toBe(403);
    await scrape();
    expect(type).toMatch(/^text\/plain; version=0\.0\.4/u);
    expect(value('gateway_clients{kind="socket"}')).toBe(1);
    expect(value('gateway_clients{kind="stream"}')).toBe(1);
    expect(value('gateway_clients{kind="poll"}')).toBe(1);
    expect(value('gateway_users')).toBe(1);
    expect(value('gateway_cometd_sessions{api="workspace",state="connected"}')).toBe(1);
    expect(value('gateway_cometd_handshakes_total{api="workspace"}')).toBe(1);
    expect(value('gateway_proxy_requests_total{api="workspace",status="200"}')).toBe(1);
    expect(value('gateway_proxy_requests_total{api="workspace",status="403"}')).toBe(1);
    expect(value('gateway_proxy_request_duration_seconds_count{api="workspace"}')).toBe(2);
    expect(value('gateway_logins_total{outcome="success"}')).toBe(1);
    expect(value('gateway_sessions_created_total')).toBe(1);
    expect(value('gateway_ready')).toBe(1);
    const before = value('gateway_notifications_delivered_total');
    const stored = value('gateway_notifications_journaled_total{api="workspace"}');
    stack.simulator.control.publish('anna', 'workspace', VOICE, 'counted');
    await polling;
    await eventually(async () => {
      await scrape();
      expect(value('gateway_notifications_delivered_total')).toBe(before + 3);
      expect(value('gateway_notifications_journaled_total{api="workspace"}')).toBe(stored + 1);
      expect(value('gateway_clients{kind="poll"}')).toBe(0);
    });
    stack.simulator.control.forgetBayeuxSession('anna', 'workspace');
    await eventually(async () => {
      await scrape();
      expect(value('gateway_gaps_total{api="workspace",reason="upstream"}')).toBe(2);
      expect(value('gateway_cometd_handshakes_total{api="workspace"}')).toBe(2);
    });
    stream.close();
    await anna.post('/auth/logout');
    await eventually(async () => {
      await scrape();
      expect(value('gateway_sessions_ended_total{reason="logout"}')).toBe(1);
      expect(value('gateway_clients{kind="socket"}')).toBe(0);
    });
  });

  it('have no label that a client can make up', async () => {
    for (const path of [
      '/made/up',
      '/api/made/up',
      '/auth/made-up',
      '/notifications?wait=77',
      '/admin/users/made-up',
    ])
      await anna.request(path);
    await fetch(`${stack.url}/made-up`, { method: 'PATCH' });
    await scrape();
    expect(text).not.toContain('made');
    expect(text).not.toContain('anna');
    expect(value('gateway_http_requests_total{route="other",status="404"}')).toBeGreaterThanOrEqual(2);
  });

  it('are those that docs/operations.md lists', async () => {
    await scrape();
    const real = [...text.matchAll(/^# TYPE (gateway_\w+) \w+$/gmu)].map(([, name = '']) => name);
    const page = await Page.read('operations.md');
    const documented = page.table('Metrics').map(([cell = '']) => codes(cell)[0] ?? '');
    expect(documented.toSorted()).toEqual(real.toSorted());
  });
});
