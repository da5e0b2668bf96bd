import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProfile } from '@gw/gateway';
import { engageProfile, type ParsedProfile, parseProfile, type UpstreamProfile } from '@gw/upstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codes, Page } from './page.js';
import { Sources } from './sources.js';

const page = await Page.read('upstream-profile.md');
const [builtIn = '', another = ''] = page.blocks('yaml');
const sources = Sources.in('libs/upstream/src');

const TABLES = [
  ['An API', 'UpstreamApi', (api: object) => ({ apis: [api] })],
  ['`sessionInit`', 'SessionInit', (sessionInit: object) => inApi({ sessionInit })],
  ['`logout`', 'Endpoint', (logout: object) => inApi({ logout })],
  ['`cometd`', 'CometdSettings', (cometd: object) => inApi({ cometd })],
  ['`readiness`', 'Readiness', (readiness: object) => inCometd({ readiness })],
  ['`probe`', 'ReadinessProbe', (probe: object) => inCometd({ readiness: { probe } })],
  ['`outcomes`', 'OutcomeSettings', (outcomes: object) => inApi({ outcomes })],
  ['`operationId`', 'OperationId', (operationId: object) => inOutcomes({ operationId })],
  ['`commands`', 'CommandOutcome', (command: object) => inOutcomes({ commands: [command] })],
] as const;

const ofKind = (result: ParsedProfile) => (result.kind === 'profile' ? result.profile.apis : []);
const inApi = (members: object) => ({ apis: [{ name: 'a', basePath: '/a', ...members }] });
const inOutcomes = (members: object) =>
  inApi({ outcomes: { operationId: { in: 'body', name: 'id' }, repeatedAt: ['/id'], ...members } });
const inCometd = (members: object) =>
  inApi({ cometd: { path: '/a/n', bearer: true, allowedChannels: ['/**'], ...members } });

describe('docs/upstream-profile.md', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'profile-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** As `UPSTREAMS_FILE` names it. */
  async function parsed(yaml: string): Promise<UpstreamProfile> {
    const path = join(folder, 'profile.yaml');
    await writeFile(path, yaml);
    return readProfile(path);
  }

  it('shows the built-in profile', async () => {
    expect(await parsed(builtIn)).toEqual(engageProfile);
  });

  it('shows a profile of another platform', async () => {
    const { apis } = await parsed(another);
    expect(apis.map(({ name }) => name)).toEqual(['streaming', 'rest']);
  });

  it.each(TABLES)('lists the members of %s', (heading, type) => {
    const members = page.table(heading).map(([name = '']) => codes(name)[0]);
    expect(members.toSorted()).toEqual([...sources.members(type).keys()].toSorted());
  });

  it.each(TABLES)('says which members of %s must be there', (heading, type, inProfile) => {
    const mandatory = page.table(heading).filter(([, value]) => value === 'mandatory');
    const result = parseProfile(inProfile({}));
    const problems = result.kind === 'invalid' ? result.problems : [];
    const isOfThis = (problem: string) => type !== 'ReadinessProbe' || problem.includes('.probe.');
    const missing = problems.filter(isOfThis).map((problem) => /(\w+): /u.exec(problem)?.[1]);
    expect(mandatory.map(([name = '']) => codes(name)[0]).toSorted()).toEqual(missing.toSorted());
  });

  it.each(TABLES)('tells the defaults of %s', (heading) => {
    const endpoints = { logout: { path: '/a/l' }, sessionInit: { path: '/a/i' } };
    const cometd = { path: '/a/n', bearer: true, allowedChannels: ['/**'] };
    const command = { paths: ['/c'], messageType: 'm', state: '/s', succeeded: [1] };
    const outcomes = { operationId: { in: 'body', name: 'id' }, repeatedAt: ['/id'] };
    const result = parseProfile(
      inApi({ ...endpoints, cometd, outcomes: { ...outcomes, commands: [command] } }),
    );
    const [api] = ofKind(result);
    const [none] = ofKind(parseProfile(inApi({ cometd, outcomes })));
    const real: object = {
      ...api,
      ...api?.sessionInit,
      ...api?.cometd,
      ...none?.outcomes,
      ...api?.outcomes?.commands[0],
    };
    for (const [name = '', value = ''] of page.table(heading)) {
      const [shown = ''] = /(?<=^`).*(?=`$)/u.exec(value) ?? [];
      if (shown === '') continue;
      const found: unknown = Object.entries(real).find(([member]) => member === codes(name)[0])?.[1];
      expect([name, typeof found === 'string' ? found : JSON.stringify(found)]).toEqual([name, shown]);
    }
  });

  it('shows how problems are told', async () => {
    const cometd = '{ path: /a/n, bearer: true, allowedChannels: [/a], defaultChannels: [/a, b] }';
    const wrong = parsed(`apis: [{ name: a, basePath: a, cometd: ${cometd} }]`);
    const [, , ...problems] = (page.blocks('')[0] ?? '').trimEnd().split('\n');
    await expect(wrong).rejects.toThrow(`profile.yaml\n${problems.join('\n')}`);
  });
});
