import { ConfigError, readConfig } from '@gw/gateway';
import { describe, expect, it } from 'vitest';
import { variables } from '../../apps/gateway/src/config-schema.js';
import { readConfig as readSimulatorConfig } from '../../apps/simulator/src/config.js';
import { withDefaults } from '../../apps/simulator/src/options.js';
import { codes, Page } from './page.js';

type Environment = Readonly<Record<string, string>>;

const page = await Page.read('configuration.md');
const gateway = page.table('The gateway');
const simulator = page.table('The simulator');

const nameOf = ([name = '']: readonly string[]): string => codes(name)[0] ?? '';
const names = (rows: readonly string[][]): string[] => rows.map(nameOf).toSorted();

/** Name and default of the rows whose default is a value. */
const defaults = (rows: readonly string[][]): [string, string][] =>
  rows.flatMap((row): [string, string][] => {
    const [value] = codes(row[1] ?? '');
    return value === undefined ? [] : [[nameOf(row), value]];
  });

/** The least and the greatest number that a rule names. */
const ranges = (rows: readonly string[][]): [string, number, number][] =>
  rows.flatMap((row): [string, number, number][] => {
    const [, min, max] = /^(\d+) to (\d+)(?:;|$)/u.exec(row[3] ?? '') ?? [];
    return min === undefined || max === undefined ? [] : [[nameOf(row), Number(min), Number(max)]];
  });

describe('docs/configuration.md about the gateway', () => {
  /** Without what is random. */
  const fixed = { INSTANCE_ID: 'one', SESSION_KEYS: `k:${Buffer.alloc(32).toString('base64')}` };
  const read = (environment: Environment) => readConfig({ ...fixed, ...environment });
  const problemsOf = (environment: Environment) => {
    try {
      readConfig(environment);
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
    return [];
  };
  const wrong = (environment: Environment, what: string) =>
    problemsOf({ NODE_ENV: 'production', ...environment })
      .filter(({ message }) => message.includes(what))
      .map(({ variable }) => variable)
      .toSorted();
  const inProduction = (mark: string) => names(gateway.filter((row) => row[4]?.includes(mark)));

  it('lists every variable, and no other', () => {
    expect(names(gateway)).toEqual(Object.keys(variables.shape).toSorted());
  });

  it.each(defaults(gateway))('tells the default of %s: %s', (name, value) => {
    // With its id alone a client is public.
    const client = name === 'OAUTH_CLIENT_ID' ? { OAUTH_CLIENT_SECRET: 'simulator-secret' } : {};
    expect(read({ [name]: value, ...client })).toEqual(read({}));
  });

  it.each(ranges(gateway))('tells the bounds of %s: %i to %i', (name, min, max) => {
    for (const good of [min, max]) expect(problemsOf({ [name]: String(good) })).toEqual([]);
    for (const bad of [min - 1, max + 1]) expect(problemsOf({ [name]: String(bad) })).toHaveLength(1);
  });

  it('marks what production demands', () => {
    expect(inProduction('mandatory')).toEqual(wrong({}, 'mandatory'));
    const urls = Object.fromEntries(names(gateway).map((name) => [name, 'http://example.com']));
    expect(inProduction('https')).toEqual(wrong({ ...urls, NODE_ENV: 'production' }, 'must be https'));
  });

  it('shows the message of a wrong environment', () => {
    const [message = ''] = page.blocks('');
    const environment = { PORT: 'x', OAUTH_TOKEN_URL: 'http://a?b' };
    expect(() => readConfig(environment)).toThrow(message.trimEnd());
  });
});

describe('docs/configuration.md about the simulator', () => {
  const clock = { clock: undefined };
  const read = (environment: Environment) => ({
    ...withDefaults({ ...readSimulatorConfig(environment), ...clock }),
    ...clock,
  });

  it('lists every variable that it reads, and no other', () => {
    const asked = new Set<string>();
    readSimulatorConfig(
      new Proxy({}, { get: (_target, name) => (asked.add(String(name)), undefined), has: () => true }),
    );
    expect(names(simulator)).toEqual([...asked].toSorted());
  });

  it.each(defaults(simulator))('tells the default of %s: %s', (name, value) => {
    const client = name === 'CLIENT_ID' ? { CLIENT_SECRET: 'simulator-secret' } : {};
    expect(read({ [name]: value, ...client })).toEqual(read({}));
  });

  it.each(ranges(simulator))('tells the bounds of %s: %i to %i', (name, min, max) => {
    for (const good of [min, max]) expect(() => read({ [name]: String(good) })).not.toThrow();
    for (const bad of [min - 1, max + 1]) expect(() => read({ [name]: String(bad) })).toThrow(name);
  });
});
