import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { eventually } from '@gw/kernel/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Person } from '../support/person.js';
import { startStack, type Stack } from '../support/stack.js';

const MAKE_CALL = '/api/workspace/v3/voice/make-call';
const CALLS = '/api/workspace/v3/voice/calls';
const OUTSIDE = '+15551234567';

let stack: Stack;
let anna: Person;

beforeAll(async () => {
  stack = await startStack({ environment: { UPSTREAM_TIMEOUT_MS: '1000' } });
  anna = await stack.signIn('anna');
});
afterAll(() => stack.close());
afterEach(async () => {
  stack.simulator.control.faults.clear();
  for (const { id } of await calls()) await anna.post(`${CALLS}/${id}/release`, {}, { prefer: 'wait=5' });
});

const faults = () => stack.simulator.control.faults;
const call = (key: string, destination = OUTSIDE, headers = {}, person = anna) =>
  person.post(MAKE_CALL, { data: { destination } }, { 'idempotency-key': `"${key}"`, ...headers });

async function calls(person = anna): Promise<{ id: string }[]> {
  const answer = (await person.request(CALLS)).json();
  return (answer as { data: { calls: { id: string }[] } }).data.calls;
}

describe('a command with an idempotency key', () => {
  it('is given once, and its answer each time, outcome included', async () => {
    const key = randomUUID();
    const first = await call(key, OUTSIDE, { prefer: 'wait=5' });
    expect(first.json()).toMatchObject({ outcome: { state: 'succeeded' } });
    for (const headers of [{ prefer: 'wait=5' }, {}]) {
      const again = await call(key, OUTSIDE, headers);
      expect([again.status, again.text]).toEqual([200, first.text]);
      expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
      expect(again.headers.get('preference-applied')).toBe('wait');
      expect(again.headers.get('idempotent-replayed')).toBe('true');
      expect(again.headers.get('content-security-policy')).toContain('sandbox');
    }
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(await calls()).toHaveLength(1);
  });

  it('is refused when the key was used for another', async () => {
    const key = randomUUID();
    await call(key);
    const other = await call(key, '5002');
    expect([other.status, other.json()]).toMatchObject([422, { code: 'idempotency_key_reused' }]);
    const elsewhere = await anna.post(
      '/api/workspace/v3/voice/ready',
      { data: { destination: OUTSIDE } },
      {
        'idempotency-key': key,
      },
    );
    expect(elsewhere.status).toBe(422);
  });

  it('is told to come back while the first is under way, and is given once', async () => {
    const key = randomUUID();
    faults().add({ on: 'rest', path: '/make-call', kind: 'delay', delayMs: 300 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => call(key)));
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, 409, 409, 409, 409]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.json()).toMatchObject({ code: 'idempotency_in_progress' });
    expect(refused?.headers.get('retry-after')).toBe('1');
    expect((await call(key)).status).toBe(200);
    expect(await calls()).toHaveLength(1);
  });

  it('is one of its own for each person', async () => {
    const key = randomUUID();
    const bela = await stack.signIn('bela');
    const [hers, his] = await Promise.all([call(key), call(key, OUTSIDE, {}, bela)]);
    expect([hers.status, his.status]).toEqual([200, 200]);
    expect([await calls(), await calls(bela)].map(({ length }) => length)).toEqual([1, 1]);
  });

  it('goes on when its client goes away, which then gets its answer', async () => {
    const key = randomUUID();
    faults().add({ on: 'rest', path: '/make-call', kind: 'delay', delayMs: 300 });
    await abort(key, 100);
    await eventually(async () => {
      const again = await call(key);
      expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    });
    expect(await calls()).toHaveLength(1);
  });

  it('is not given a second time when it is not known what became of the first', async () => {
    for (const kind of ['hang', 'lose-reply'] as const) {
      const key = randomUUID();
      faults().add({ on: 'rest', path: '/make-call', kind });
      const first = await call(key);
      expect(first.status).toBe(kind === 'hang' ? 504 : 502);
      const again = await call(key);
      expect([again.status, again.json()]).toMatchObject([409, { code: 'idempotency_result_unknown' }]);
      expect(again.headers.get('retry-after')).toBeNull();
    }
  });

  it('is given after all when the first answer said that it was not', async () => {
    for (const status of [503, 429]) {
      const key = randomUUID();
      faults().add({ on: 'rest', path: '/make-call', kind: 'status', status });
      expect((await call(key)).status).toBe(status);
      expect((await call(key)).status).toBe(200);
    }
  });

  it('has an error of the platform’s as its answer, each time', async () => {
    const key = randomUUID();
    const other = await stack.signIn('chloe');
    faults().add({ on: 'rest', path: '/make-call', kind: 'status', status: 500 });
    const answers = [await call(key, OUTSIDE, {}, other), await call(key, OUTSIDE, {}, other)];
    expect(answers.map(({ status }) => status)).toEqual([500, 500]);
    expect(await calls(other)).toHaveLength(0);
  });

  it.each(['', '""', '"a', 'a, b', `"${'x'.repeat(256)}"`, 'a b'])(
    'is refused with a key that is none: %s',
    async (key) => {
      const answer = await anna.post(MAKE_CALL, {}, { 'idempotency-key': key });
      expect([answer.status, answer.json()]).toMatchObject([400, { code: 'bad_idempotency_key' }]);
    },
  );

  it('is refused with a body too large to be told from another', async () => {
    const answer = await call(randomUUID(), '1'.repeat(70_000));
    expect([answer.status, answer.json()]).toMatchObject([422, { code: 'idempotency_body_too_large' }]);
  });

  it('that only reads is not guarded', async () => {
    const key = { 'idempotency-key': 'read' };
    const [first, again] = [
      await anna.request(CALLS, 'GET', undefined, key),
      await anna.request(CALLS, 'GET', undefined, key),
    ];
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.headers.get('idempotent-replayed')).toBeNull();
  });
});

/** Sends the command, and breaks the connection. */
function abort(key: string, afterMs: number): Promise<void> {
  return new Promise((resolve) => {
    const sent = httpRequest(stack.url + MAKE_CALL, {
      method: 'POST',
      headers: {
        cookie: anna.agent.cookieHeader(stack.url),
        origin: stack.url,
        'x-csrf': '1',
        'content-type': 'application/json',
        'idempotency-key': key,
      },
    });
    sent.on('error', () => resolve());
    sent.end(JSON.stringify({ data: { destination: OUTSIDE } }));
    setTimeout(() => sent.destroy(new Error('gone')), afterMs);
  });
}
