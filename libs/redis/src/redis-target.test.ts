import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from './redis-target.js';

const read = (url: string) => {
  const { password, ...target } = parseRedisUrl(url);
  return { ...target, password: password?.reveal() };
};
const at = (host: string, port: number) => ({ host, port });
const plain = { tls: false, username: undefined, password: undefined, database: 0 };

describe('REDIS_URL', () => {
  it('leads to one server', () => {
    const standalone = { ...plain, kind: 'standalone' };
    expect(read('redis://redis')).toEqual({ ...standalone, addresses: [at('redis', 6379)] });
    expect(read('redis://redis:7000/3')).toEqual({
      ...standalone,
      addresses: [at('redis', 7000)],
      database: 3,
    });
    expect(read('rediss://redis/')).toEqual({ ...standalone, addresses: [at('redis', 6379)], tls: true });
    expect(read('redis://[::1]:7000')).toEqual({ ...standalone, addresses: [at('::1', 7000)] });
  });

  it('names an ACL user and a password, with any characters', () => {
    expect(read('redis://gateway:p%40ss%2Fword@redis')).toMatchObject({
      username: 'gateway',
      password: 'p@ss/word',
    });
    expect(read('redis://:secret@redis')).toMatchObject({ username: undefined, password: 'secret' });
  });

  it('leads to a primary by its sentinels', () => {
    expect(read('redis+sentinel://u:p@one:1,two,three:3/primary/2')).toEqual({
      kind: 'sentinel',
      addresses: [at('one', 1), at('two', 26379), at('three', 3)],
      masterName: 'primary',
      tls: false,
      username: 'u',
      password: 'p',
      database: 2,
    });
    expect(read('rediss+sentinel://one/primary')).toMatchObject({ kind: 'sentinel', tls: true });
  });

  it('leads to a cluster by some of its nodes', () => {
    const cluster = { ...plain, kind: 'cluster', addresses: [at('one', 6379), at('two', 7000)] };
    expect(read('redis://one,redis://two:7000')).toEqual(cluster);
    expect(read('one:6379, two:7000')).toEqual(cluster);
    expect(read('redis://one,')).toMatchObject({ kind: 'cluster', addresses: [at('one', 6379)] });
    expect(read('rediss://u:p@one,rediss://two')).toMatchObject({ tls: true, username: 'u', password: 'p' });
  });

  it.each([
    '',
    ',',
    'redis',
    'http://hunter2',
    'redis://',
    'redis://u:hunter2@redis/database',
    'redis://u:hunter2@redis?db=1',
    'redis://u:%zz@redis',
    'redis://u:hunter2@one,rediss://two',
    'redis://u:hunter2@one/1,redis://two',
    'redis+sentinel://u:hunter2@one',
    'redis+sentinel://u:hunter2@one/a b',
  ])('"%s" is refused, and not quoted', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(TypeError);
    expect(() => parseRedisUrl(url)).toThrow(/^must be a Redis URL/u);
    expect(() => parseRedisUrl(url)).not.toThrow(/hunter2/u);
  });
});
