import { describe, expect, it } from 'vitest';
import { interpret } from './rest.js';

const messageOf = (status: number, body: unknown) => {
  const reply = interpret(status, body);
  return reply.ok ? undefined : reply.message;
};

describe('an answer', () => {
  it.each([
    ['done', 200, { status: { code: 0 } }],
    ['accepted', 200, { status: { code: 1 } }],
    ['done in part', 200, { status: { code: 2 }, errors: [] }],
    ['without a body', 204, undefined],
    ['of the gateway itself', 200, { user: { id: 'u1' } }],
  ])('is a success: %s', (_case, status, body) => {
    expect(interpret(status, body)).toEqual({ ok: true, body });
  });

  it('of the gateway explains itself by detail and code', () => {
    const body = {
      status: 504,
      title: 'Gateway Timeout',
      detail: 'No answer in 30 s',
      code: 'upstream_timeout',
    };
    expect(interpret(504, body)).toEqual({
      ok: false,
      status: 504,
      code: 'upstream_timeout',
      message: 'No answer in 30 s (upstream_timeout)',
    });
  });

  it('of the platform explains itself by its envelope, also with HTTP 200', () => {
    expect(messageOf(200, { status: { code: 500, message: 'Not logged in' } })).toBe(
      'Not logged in (code 500)',
    );
    expect(messageOf(403, { status: { code: 603, message: 'Unauthorized' } })).toBe(
      'Unauthorized (code 603)',
    );
  });

  it('of anything between them is named by its status', () => {
    expect(messageOf(502, undefined)).toBe('HTTP status 502');
    expect(messageOf(500, { timestamp: 1, status: 500, error: 'Internal Server Error' })).toBe(
      'HTTP status 500',
    );
  });

  it('that claims success in its envelope but not in its status is a failure', () => {
    expect(messageOf(500, { status: { code: 0 } })).toBe('Refused (code 0)');
  });
});
