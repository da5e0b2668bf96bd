import { eventually } from '@gw/kernel/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventSchemas, isDescribed } from '../../../apps/gateway/src/operation/docs/event-schemas.js';
import { type Stack, startStack } from '../../support/stack.js';

describe('the description of the interface', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ environment: { ADMIN_TOKEN: 'token' } });
  });
  afterAll(() => stack.close());

  it('names routes that there are', async () => {
    const page = await fetch(`${stack.url}/docs`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await page.text()).toContain('/docs/openapi.json');
    const { paths } = (await (await fetch(`${stack.url}/docs/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { responses: object }>>;
    };
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, { responses }] of Object.entries(methods)) {
        const url = stack.url + path.replace('{id}', 'none');
        const { status } = await fetch(url, { method: method.toUpperCase(), redirect: 'manual' });
        expect(Object.keys(responses), `${method} ${path}`).toContain(String(status));
        expect(status, `${method} ${path}`).not.toBe(404);
      }
    }
  });

  it('has the events as they are', async () => {
    const anna = await stack.signIn('anna');
    const tab = anna.openTab();
    await tab.connected('workspace');
    stack.simulator.control.publish('anna', 'workspace', '/workspace/v3/voice', 1);
    stack.simulator.control.forgetBayeuxSession('anna', 'workspace');
    await eventually(() => expect(tab.gaps).not.toEqual([]));
    await anna.post('/auth/logout');
    await eventually(() => expect(tab.received.at(-1)?.type).toBe('session'));
    const seen = new Set(tab.received.map(({ type }) => type));
    expect([...seen].toSorted()).toEqual(['gap', 'notification', 'ready', 'session', 'upstream']);
    for (const { type, ...event } of tab.received) expect(isDescribed(type, event), type).toBe(true);
    const { components } = (await (await fetch(`${stack.url}/docs/asyncapi.json`)).json()) as {
      components: { messages: object };
    };
    expect(Object.keys(components.messages)).toEqual(Object.keys(eventSchemas));
  });
});
