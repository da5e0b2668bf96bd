import { describe, expect, it } from 'vitest';
import { GatewayError } from './errors.js';

describe('a gateway error', () => {
  it('has a name, a code, a kind, a message and its cause', () => {
    const cause = new Error('ECONNREFUSED');
    const error = new GatewayError('upstream_unreachable', 'bad_gateway', 'no answer', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'GatewayError',
      code: 'upstream_unreachable',
      kind: 'bad_gateway',
      cause,
    });
    expect(String(error)).toBe('GatewayError: no answer');
  });
});
