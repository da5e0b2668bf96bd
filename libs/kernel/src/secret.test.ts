import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from './secret.js';

const VALUE = 'eyJhbGciOiJIUzI1NiJ9';

describe('a secret', () => {
  const secret = new Secret(VALUE);

  it('is given away by reveal', () => expect(secret.reveal()).toBe(VALUE));

  it.each<readonly [string, () => string]>([
    ['String()', () => String(secret)],
    ['a template', () => `${secret.toString()} ${[secret].join(' ')}`],
    ['concatenation', () => ''.concat(secret as never)],
    ['JSON', () => JSON.stringify({ secret, list: [secret] })],
    ['util.inspect', () => inspect({ deep: { secret } }, { depth: 9, showHidden: true })],
    ['util.format', () => format('%s %o %O %j', secret, secret, secret, secret)],
    ['its own members', () => JSON.stringify([Object.entries(secret), Reflect.ownKeys(secret).map(String)])],
    ['a copy', () => inspect(Object.assign({}, secret), { showHidden: true })],
    ['the message of an error', () => new Error(`refused ${secret.toString()}`).message],
  ])('is not by %s', (_way, print) => expect(print()).not.toContain(VALUE));

  it('says that it is one', () => {
    expect(String(secret)).toBe('[secret]');
    expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}');
    expect(inspect({ secret })).toBe('{ secret: [secret] }');
  });
});
