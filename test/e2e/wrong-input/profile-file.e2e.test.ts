import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BayeuxServer } from '@gw/bayeux/testing';
import { eventually } from '@gw/kernel/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runGatewayProcess } from '../../support/gateway-process.js';
import { expectProblem } from '../../support/problem.js';
import { type Stack, startStack } from '../../support/stack.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'profile-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(text: string, name = 'upstreams.yaml'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe('a gateway whose UPSTREAMS_FILE is wrong', () => {
  const start = async (path: string) => {
    const { exitCode, stderr } = await runGatewayProcess({ UPSTREAMS_FILE: path });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^The environment is wrong:\n {2}UPSTREAMS_FILE /);
    expect(stderr).toContain(path);
    expect(stderr).not.toContain('    at ');
    return stderr;
  };

  it('does not start when it cannot be read, and says why', async () => {
    expect(await start(join(folder, 'nowhere.yaml'))).toContain('ENOENT');
    expect(await start(folder)).toContain('EISDIR');
  });

  it('does not start when it is neither YAML nor JSON, and says where', async () => {
    expect(await start(await fileOf('apis: [ {name: x'))).toMatch(/neither YAML nor JSON.*line 1/s);
    expect(await start(await fileOf('{"apis": [}', 'upstreams.json'))).toContain('neither YAML nor JSON');
  });

  it('does not start when it is no profile, and names every wrong place', async () => {
    const stderr = await start(
      await fileOf(`
apis:
  - name: Orders
    basePath: orders/
    cometd: { path: /orders/../cometd, bearer: perhaps, allowedChannels: [], surprise: 1 }
  - name: stock
    basePath: /stock
    cometd: { path: /cometd, bearer: true, allowedChannels: [/stock/*], defaultChannels: [/other] }
`),
    );
    const places = [
      'apis[0].name',
      'apis[0].basePath',
      'apis[0].cometd.path',
      'apis[0].cometd.bearer',
      'apis[0].cometd.allowedChannels',
      'apis[0].cometd',
    ];
    for (const place of places) expect(stderr).toContain(`\n    ${place}: `);
  });

  it('does not start when it is empty', async () => {
    expect(await start(await fileOf(''))).toContain('profile');
  });
});

const STREAMING = (origin: string) => `
# Another vendor's streaming API: no session to make first, and no acknowledgement extension.
apis:
  - name: streaming
    baseUrl: ${origin}
    basePath: /services
    cometd:
      path: /cometd/64.0
      bearer: true
      defaultChannels: [/data/ChangeEvents]
      allowedChannels: ['/data/**', '/event/**']
`;

describe('a profile file in YAML', () => {
  let server: BayeuxServer;
  let stack: Stack;
  beforeAll(async () => {
    server = await BayeuxServer.start({ acks: false });
    const path = await fileOf(STREAMING(new URL(server.url).origin), 'streaming.yaml');
    stack = await startStack({ environment: { UPSTREAMS_FILE: path } });
  });
  afterAll(async () => {
    await stack.close();
    await server.close();
  });

  it('brings the notifications of another CometD API, without code', async () => {
    const anna = await stack.signIn('anna');
    const tab = anna.openTab();
    await tab.connected('streaming');
    await tab.emit('subscribe', { api: 'streaming', channel: '/event/Order__e' });
    await eventually(() => expect(server.subscribers('/event/Order__e')).toBe(1));
    server.publish('/data/ChangeEvents', { entity: 'Account' });
    server.publish('/event/Order__e', { order: 'Ä 1' });
    await eventually(() => expect(tab.notifications).toHaveLength(2));
    expect(tab.dataOn('/data/ChangeEvents')).toEqual([{ entity: 'Account' }]);
    expect(tab.dataOn('/event/Order__e')).toEqual([{ order: 'Ä 1' }]);
    expect(Object.keys((await tab.ready()).apis)).toEqual(['streaming']);
  });

  it('takes the place of the built-in profile', async () => {
    const anna = await stack.signIn('anna');
    expectProblem(await anna.request('/api/workspace/v3/current-session'), 403, 'route_not_allowed');
    expectProblem(await anna.post('/api/cometd/64.0'), 403, 'route_not_allowed');
    const tab = anna.openTab();
    await tab.ready();
    expect(await tab.emit('subscribe', { api: 'workspace', channel: '/workspace/v3/voice' })).toMatchObject({
      ok: false,
      error: { code: 'unknown_api' },
    });
    expect(stack.simulator.control.seenTotals().apis.workspace).toMatchObject({ handshakes: 0, rest: 0 });
  });
});
