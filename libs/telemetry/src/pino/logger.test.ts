import { GatewayError, Secret } from '@gw/kernel';
import { describe, expect, it } from 'vitest';
import { createLogger, type LogLevel, serializeError } from './logger.js';

/** A logger, and the lines it wrote. */
function open(level: LogLevel = 'info') {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { log: createLogger({ level, instanceId: 'gateway-7', destination }), lines };
}
const parsed = (line: string | undefined) => JSON.parse(line ?? '') as Record<string, unknown>;

describe('a log line', () => {
  it('is one line of JSON with its instance, time, message and fields', () => {
    const { log, lines } = open();
    log.info({ user: 'anna', text: 'two\nlines' }, 'signed in');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    const line = parsed(lines[0]);
    expect(line).toMatchObject({ instance: 'gateway-7', msg: 'signed in', user: 'anna', text: 'two\nlines' });
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('is written from the chosen level on', () => {
    const { log, lines } = open('warn');
    log.info('not this');
    log.warn('this');
    expect(lines.map((line) => parsed(line).msg)).toEqual(['this']);
  });
});

describe('a secret', () => {
  it.each(['authorization', 'cookie', 'set-cookie', 'x-api-key', 'access_token', 'refresh_token'])(
    'named %s is not written, up to two levels deep',
    (name) => {
      const { log, lines } = open();
      const fields = { [name]: 'hush', user: 'anna' };
      log.info({ ...fields, request: { ...fields, headers: fields } }, 'foreign');
      const shown = { [name]: '[secret]', user: 'anna' };
      expect(lines[0]).not.toContain('hush');
      expect(parsed(lines[0])).toMatchObject({ ...shown, request: { ...shown, headers: shown } });
    },
  );

  it('of our own type is not written anywhere', () => {
    const { log, lines } = open();
    log.info({ token: new Secret('hush'), deep: { er: { still: [new Secret('hush')] } } }, 'x');
    expect(lines[0]).not.toContain('hush');
  });
});

describe('an error', () => {
  class RequestError extends Error {
    override readonly name = 'RequestError';
    readonly code = 'ECONNRESET';
    readonly config = { headers: { Authorization: 'Bearer hush' }, body: 'hush' };
    readonly response = 'hush';
  }

  it('is written with type, message, code, stack and causes, and nothing else of it', () => {
    const { log, lines } = open();
    const cause = new RequestError('socket hang up', { cause: new TypeError('at the bottom') });
    const err = new GatewayError('upstream_unreachable', 'bad_gateway', 'no answer', { cause });
    log.error({ err }, 'failed');
    expect(lines[0]).not.toContain('hush');
    expect(parsed(lines[0]).err).toEqual({
      type: 'GatewayError',
      message: 'no answer',
      code: 'upstream_unreachable',
      stack: err.stack,
      cause: {
        type: 'RequestError',
        message: 'socket hang up',
        code: 'ECONNRESET',
        stack: cause.stack,
        cause: { type: 'TypeError', message: 'at the bottom', stack: (cause.cause as Error).stack },
      },
    });
  });

  it('is written like that also when it is all there is to log', () => {
    const { log, lines } = open();
    log.error(new RequestError('socket hang up'));
    expect(lines[0]).not.toContain('hush');
    expect(parsed(lines[0])).toMatchObject({ err: { type: 'RequestError' }, msg: 'socket hang up' });
  });

  it.each([
    ['a string that may be a token', 'hush'],
    ['an object', { token: 'hush' }],
    ['nothing', undefined],
  ])('that is none, but %s, is not quoted', (_what, thrown) =>
    expect(serializeError(thrown)).toEqual({ type: typeof thrown, message: 'not an Error' }),
  );

  it('whose code is no code is written without it', () => {
    const err = Object.assign(new Error('odd'), { code: { token: 'hush' } });
    expect(serializeError(err)).not.toHaveProperty('code');
    expect(serializeError(Object.assign(new Error('odd'), { code: 7 }))).toMatchObject({ code: 7 });
  });

  it('that is its own cause comes to an end', () => {
    const err = new Error('round');
    err.cause = err;
    expect(JSON.stringify(serializeError(err)).match(/"message"/g)).toHaveLength(4);
  });
});
