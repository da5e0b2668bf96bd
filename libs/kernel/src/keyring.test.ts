import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Keyring, type SealingKey } from './keyring.js';
import { Secret } from './secret.js';

const key = (id: string): SealingKey => ({ id, key: new Secret(randomBytes(32).toString('base64')) });
const [old, young] = [key('old'), key('young')];

describe('a keyring', () => {
  const ring = new Keyring([young, old]);

  it('opens what it sealed, whatever the text', () => {
    for (const text of ['', 'token', 'Grüße 👩‍💻'.repeat(1_000)]) {
      expect(ring.open(ring.seal(text, 'session:1'), 'session:1')).toBe(text);
    }
  });

  it('seals the same text differently each time, and shows none of it', () => {
    const sealed = [ring.seal('secret-token', 'a'), ring.seal('secret-token', 'a')];
    expect(sealed[0]).not.toBe(sealed[1]);
    for (const one of sealed)
      expect(Buffer.from(one, 'base64url').toString('latin1')).not.toContain('secret');
  });

  it('opens a record only in the place that it was sealed for', () => {
    expect(() => ring.open(ring.seal('token', 'session:1'), 'session:2')).toThrow(/cannot be read/);
  });

  it('notices a changed bit, wherever it is', () => {
    const sealed = ring.seal('token', 'a');
    const [id, body = ''] = sealed.split('.');
    const bytes = Buffer.from(body, 'base64url');
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => ring.open(`${id}.${changed.toString('base64url')}`, 'a')).toThrow(/cannot be read/);
    }
  });

  it('says of what it cannot read only that', () => {
    for (const text of ['', '.', 'young', 'young.', 'none.abcd', 'young.abcd']) {
      expect(() => ring.open(text, 'a')).toThrow('a stored record cannot be read');
    }
  });
});

describe('when keys are rotated', () => {
  const before = new Keyring([old]);
  const during = new Keyring([young, old]);
  const after = new Keyring([young]);

  it('the new first key seals, and the old one still opens', () => {
    expect(during.open(before.seal('token', 'a'), 'a')).toBe('token');
    expect(after.open(during.seal('token', 'a'), 'a')).toBe('token');
  });

  it('a key that is gone opens nothing', () => {
    expect(() => after.open(before.seal('token', 'a'), 'a')).toThrow(/cannot be read/);
  });
});
