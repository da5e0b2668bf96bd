import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, isChannel, isChannelPattern, matches } from './channel-pattern.js';

const segment = fc.constantFrom('a', 'b', 'media', 'c1');
const segments = fc.array(segment, { minLength: 1, maxLength: 4 });
const channel = segments.map((parts) => `/${parts.join('/')}`);
const pattern = fc.oneof(
  channel,
  fc
    .tuple(fc.array(segment, { maxLength: 3 }), fc.constantFrom('*', '**'))
    .map(([parts, wildcard]) => `/${[...parts, wildcard].join('/')}`),
);

describe('a channel', () => {
  it.each(['/a', '/workspace/v3/media/chat', '/a-b_c!~()$@1', '/meta/connect'])('may be %s', (text) => {
    expect(isChannel(text)).toBe(true);
    expect(isChannelPattern(text)).toBe(true);
  });

  it.each([
    '',
    '/',
    'a',
    '/a/',
    '//a',
    '/a//b',
    '/a b',
    '/ä',
    '/a/*/b',
    '/a*',
    '/**/a',
    '/a/***',
    `/${'a'.repeat(255)}`,
  ])('is never %s, nor is a pattern', (text) => {
    expect(isChannel(text)).toBe(false);
    expect(isChannelPattern(text)).toBe(false);
  });

  it.each(['/*', '/**', '/a/*', '/a/b/**'])(
    'has wildcards in %s, so that only a pattern may be it',
    (text) => {
      expect(isChannel(text)).toBe(false);
      expect(isChannelPattern(text)).toBe(true);
    },
  );
});

describe('a wildcard', () => {
  it.each([
    ['/a/*', '/a/b', true],
    ['/a/*', '/a/b/c', false],
    ['/a/*', '/a', false],
    ['/a/*', '/ab/c', false],
    ['/a/**', '/a/b', true],
    ['/a/**', '/a/b/c', true],
    ['/a/**', '/a', false],
    ['/*', '/a', true],
    ['/*', '/a/b', false],
    ['/**', '/a/b/c', true],
    ['/a', '/a', true],
    ['/a', '/a/b', false],
  ])('%s and %s: %s', (wildcard, name, expected) => {
    expect(matches(wildcard, name)).toBe(expected);
  });

  it('matches as its definition by segments says', () => {
    fc.assert(
      fc.property(pattern, channel, (one, name) => {
        expect(matches(one, name)).toBe(byDefinition(one, name));
      }),
    );
  });
});

describe('an allowed pattern', () => {
  it.each([
    ['/a/**', '/a/b/*', true],
    ['/a/**', '/a/*', true],
    ['/a/**', '/a/**', true],
    ['/a/**', '/**', false],
    ['/a/**', '/ab/*', false],
    ['/a/*', '/a/**', false],
    ['/a/*', '/a/b', true],
    ['/a/b', '/a/*', false],
  ])('%s covers %s: %s', (allowed, requested, expected) => {
    expect(covers(allowed, requested)).toBe(expected);
  });

  it('covers exactly what it would deliver anyway', () => {
    // One name that no pattern spells out stands for all the others.
    const deep = fc.array(fc.constantFrom('a', 'b', 'media', 'c1', 'other'), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(pattern, pattern, deep, (allowed, requested, parts) => {
        const name = `/${parts.join('/')}`;
        if (covers(allowed, requested) && matches(requested, name)) expect(matches(allowed, name)).toBe(true);
        if (!covers(allowed, requested)) {
          expect(witnesses(requested).some((witness) => !matches(allowed, witness))).toBe(true);
        }
      }),
    );
  });
});

function byDefinition(wildcard: string, name: string): boolean {
  const [wanted, given] = [wildcard.split('/'), name.split('/')];
  const last = wanted.at(-1);
  if (last !== '*' && last !== '**') return wildcard === name;
  const parent = wanted.slice(0, -1);
  const isLongEnough = last === '*' ? given.length === wanted.length : given.length >= wanted.length;
  return isLongEnough && parent.every((part, index) => part === given[index]);
}

/** Channels that a request would deliver, at least one of which an allowed pattern that is too narrow misses. */
function witnesses(requested: string): string[] {
  if (requested.endsWith('/**')) return ['other', 'other/other'].map((rest) => requested.slice(0, -2) + rest);
  return [requested.endsWith('/*') ? `${requested.slice(0, -1)}other` : requested];
}
