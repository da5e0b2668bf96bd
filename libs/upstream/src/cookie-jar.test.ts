import { FakeClock } from '@gw/kernel/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { CookieJar } from './cookie-jar.js';
import { cookieName } from './set-cookie.js';

let clock: FakeClock;
let jar: CookieJar;

beforeEach(() => {
  clock = new FakeClock();
  jar = new CookieJar('gapi.example.com', clock);
});

describe('a user’s cookies at an upstream', () => {
  it('go everywhere when they name no path, wherever they were set', () => {
    jar.store(['STATISTICS_SESSIONID=s1', 'WORKSPACE_SESSIONID=w1; Secure; HttpOnly; SameSite=None']);
    expect(jar.header('/statistics/v3/values')).toBe('STATISTICS_SESSIONID=s1; WORKSPACE_SESSIONID=w1');
  });

  it('go only beneath the path that they name, the longer path first', () => {
    jar.store(['all=1', 'workspace=2; Path=/workspace/v3']);
    expect(jar.header('/workspace/v3/voice')).toBe('workspace=2; all=1');
    expect(jar.header('/workspace/v30')).toBe('all=1');
    expect(jar.header('/statistics/v3')).toBe('all=1');
  });

  it('are replaced by name and path', () => {
    jar.store(['AWSALB=1', 'AWSALB=2', 'AWSALB=3; Path=/x']);
    expect(jar.header('/y')).toBe('AWSALB=2');
    expect(jar.header('/x')).toBe('AWSALB=3; AWSALB=2');
  });

  it('expire, by Max-Age before Expires', async () => {
    const soon = new Date(clock.now() + 10_000).toUTCString();
    jar.store([`a=1; Expires=${soon}`, `b=2; Max-Age=60; Expires=${soon}`, 'c=3']);
    expect(jar.header('/')).toBe('a=1; b=2; c=3');
    await clock.elapse(10_000);
    expect(jar.header('/')).toBe('b=2; c=3');
    await clock.elapse(50_000);
    expect(jar.header('/')).toBe('c=3');
  });

  it('live on when the same value is set again with a later expiry', async () => {
    jar.store(['a=1; Max-Age=10']);
    await clock.elapse(9_000);
    jar.store(['a=1; Max-Age=10']);
    await clock.elapse(9_000);
    expect(jar.header('/')).toBe('a=1');
    await clock.elapse(1_000);
    expect(jar.header('/')).toBe('');
  });

  it.each(['a=; Max-Age=0', 'a=gone; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'a=; Max-Age=-1'])(
    'are deleted by %s',
    (deletion) => {
      jar.store(['a=1', 'b=2', deletion]);
      expect(jar.header('/')).toBe('b=2');
    },
  );

  it('are taken for this host and its parents only', () => {
    jar.store([
      'own=1; Domain=gapi.example.com',
      'parent=2; Domain=.example.com',
      'foreign=3; Domain=evil.com',
    ]);
    expect(jar.header('/')).toBe('own=1; parent=2');
  });

  it('are ignored when they could not be sent back', () => {
    jar.store(['', '=x', 'novalue', 'a=\u0007', 'b=\u20ac', `c=${'x'.repeat(9_000)}`, 'd=4']);
    expect(jar.header('/')).toBe('d=4');
  });

  it('are fifty at most: the one changed longest ago goes', () => {
    jar.store(Array.from({ length: 50 }, (_, index) => `c${index}=1`));
    jar.store(['c0=2', 'c50=1']);
    const names = jar.header('/').split('; ');
    expect(names).toHaveLength(50);
    expect(names).toContain('c0=2');
    expect(names).not.toContain('c1=1');
  });

  it('never make a header of more than 8 KiB', () => {
    for (let index = 0; index < 20; index += 1) jar.store([`c${index}=${'x'.repeat(1_000)}`]);
    const header = jar.header('/');
    expect(header.length).toBeLessThanOrEqual(8_192);
    expect(header).toContain('c19=');
    expect(header).not.toContain('c0=');
  });

  it('are the same after ten thousand distinct paths', () => {
    jar.store(['a=1', 'b=2; Path=/calls']);
    for (let index = 0; index < 10_000; index += 1) expect(jar.header(`/calls/${index}`)).toBe('b=2; a=1');
  });
});

describe('a Set-Cookie line', () => {
  it.each([
    ['a=b=c; Path=/', 'a'],
    [' a = b', 'a'],
    ['a', ''],
    ['a; b=c', ''],
    ['', ''],
  ])('"%s" sets the cookie "%s"', (line, name) => {
    expect(cookieName(line)).toBe(name);
  });
});
