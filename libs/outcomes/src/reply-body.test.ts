import { describe, expect, it } from 'vitest';
import { acceptedIn, withOutcome } from './reply-body.js';

const accepted = (text: string) => acceptedIn(Buffer.from(text)) !== undefined;
const outcome = { state: 'timed_out' } as const;

describe('a reply', () => {
  it('promises an outcome only with a status code of 1', () => {
    expect(accepted('{"status":{"code":1}}')).toBe(true);
    for (const text of [
      '{"status":{"code":0}}',
      '{"status":{"code":"1"}}',
      '{"status":1}',
      '[1]',
      '1',
      'null',
    ]) {
      expect(accepted(text)).toBe(false);
    }
    for (const text of ['', '<html>', '{"status":{"code":1}', '{"data":{"status":{"code":1}}}']) {
      expect(accepted(text)).toBe(false);
    }
  });

  it('is given its outcome as one member more, and stays as it is', () => {
    const text = '{ "status": {"code": 1}, "n": 12345678901234567890 }\n';
    expect(withOutcome(Buffer.from(text), outcome).toString()).toBe(
      '{ "status": {"code": 1}, "n": 12345678901234567890 ,"outcome":{"state":"timed_out"}}\n',
    );
  });

  it('has one outcome also where the platform has a member of that name', () => {
    const text = '{"outcome":7,"status":{"code":1}}';
    expect(JSON.parse(withOutcome(Buffer.from(text), outcome).toString())).toEqual({
      status: { code: 1 },
      outcome,
    });
  });
});
