import { engageProfile } from '@gw/upstream';
import { describe, expect, it } from 'vitest';
import { FAULT_KINDS } from '../../apps/simulator/src/control/faults.js';
import { codes, Page } from './page.js';

const page = await Page.read('engage.md');

describe('docs/engage.md', () => {
  it.each(engageProfile.apis)('names base path, session-init and notifications of $name', (api) => {
    const row = page.table('At a glance').find(([name = '']) => name.toLowerCase() === api.name) ?? [];
    const [, basePath = '', sessionInit = '', , notifications = ''] = row;
    expect(codes(basePath)).toEqual([api.basePath]);
    const { method, path } = api.sessionInit ?? {};
    expect(codes(sessionInit)).toEqual(path ? [`${method ?? ''} ${path}`] : []);
    expect(codes(notifications)).toEqual([api.cometd?.path]);
  });

  it.each(engageProfile.apis)('names the channels of $name', (api) => {
    const [, defaults = '', allowed = ''] =
      page.table('Notifications').find(([name]) => name === api.name) ?? [];
    expect(codes(defaults)).toEqual(api.cometd?.defaultChannels);
    expect(codes(allowed)).toEqual(api.cometd?.allowedChannels);
  });

  it('names each logout call', () => {
    const calls = engageProfile.apis.flatMap(({ logout }) =>
      logout ? [`${logout.method} ${logout.path}`] : [],
    );
    expect(codes(page.section('Logout'))).toEqual(expect.arrayContaining(calls));
  });

  it('says what people see of each fault that the simulator has', () => {
    const faults = page.table('What people see when the platform fails').map(([fault = '']) => fault);
    expect(codes(faults.join())).toEqual(expect.arrayContaining([...FAULT_KINDS]));
    expect(codes(faults.join())).toEqual(expect.arrayContaining(['rotate-cookies', 'forget-subscription']));
  });
});
