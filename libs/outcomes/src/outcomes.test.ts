import { asApiName, asUserId, GatewayError } from '@gw/kernel';
import { describe, expect, it } from 'vitest';
import { callChanged, eventError, openOutcomes, WAIT_MS } from './testing/open-outcomes.js';

const refused = new GatewayError('too_many_clients', 'forbidden', 'full');

describe('a command that waits', () => {
  it('leaves only when it is listened for', async () => {
    const { source, expect: expectation, clock } = openOutcomes();
    source.state = 'connecting';
    let left = false;
    const leaving = expectation('op-1').then((its) => {
      left = true;
      return its;
    });
    await clock.elapse(1_000);
    expect(left).toBe(false);
    source.change('connected');
    const { replied } = await leaving;
    source.publish(callChanged('c', 'Dialing', 'op-1'));
    source.publish(callChanged('c', 'Established', 'op-1'));
    expect(await replied()).toMatchObject({ state: 'succeeded', notification: { cursor: 'epoch.2' } });
  });

  it('leaves in the end all the same, and is unknown if nothing is heard', async () => {
    const { source, expect: expectation, clock, events } = openOutcomes();
    source.state = 'connecting';
    const leaving = expectation('op-1', { waitMs: 30_000 });
    await clock.elapse(10_000);
    const replying = (await leaving).replied();
    await clock.elapse(20_000);
    expect(await replying).toEqual({ state: 'unknown' });
    expect(events.outcomes).toEqual([{ state: 'unknown', waitedMs: 30_000, doubt: 'not-listening' }]);
  });

  it('is unknown at once when nobody will tell: refused clients, a refused connection', async () => {
    const { source, expect: expectation, events } = openOutcomes();
    source.refusal = refused;
    expect(await (await expectation('op-1')).replied()).toEqual({ state: 'unknown' });
    source.refusal = undefined;
    source.state = 'refused';
    expect(await (await expectation('op-2')).replied()).toEqual({ state: 'unknown' });
    expect(events.listenFailures).toBe(1);
    source.state = 'connected';
    const { replied } = await expectation('op-3');
    source.publish(eventError('op-3'));
    expect(await replied()).toMatchObject({ state: 'failed' });
  });

  it('is not timed out when the connection was broken at its end', async () => {
    const { source, expect: expectation, clock } = openOutcomes();
    const { replied } = await expectation('op-1');
    const replying = replied();
    source.change('interrupted');
    await clock.elapse(WAIT_MS);
    expect(await replying).toEqual({ state: 'unknown' });
  });

  it('listens on what its path says beside', async () => {
    const { source, expect: expectation } = openOutcomes();
    const path = '/workspace/v3/media/email/interactions/7/accept';
    const { end } = await expectation('op-1', { path });
    expect([...source.attached][0]?.channels).toContain('/workspace/v3/media/email');
    end();
  });

  it('has no outcome of an API that tells none', () => {
    expect(openOutcomes().outcomes.has(asApiName('ucs'))).toBe(false);
  });
});

describe('several commands that wait', () => {
  it('listen together, and are told apart', async () => {
    const { source, expect: expectation } = openOutcomes();
    const [first, second] = [await expectation('op-1'), await expectation('op-2')];
    expect(source.attachments).toBe(1);
    source.publish(callChanged('c', 'Dialing', 'op-1'));
    source.publish(callChanged('d', 'Dialing', 'op-2'));
    source.publish(callChanged('d', 'Established'));
    source.publish(callChanged('c', 'Released'));
    expect(await first.replied()).toMatchObject({ state: 'failed', notification: { cursor: 'epoch.4' } });
    expect(source.attached.size).toBe(1);
    expect(await second.replied()).toMatchObject({ state: 'succeeded', notification: { cursor: 'epoch.3' } });
    expect(source.attached.size).toBe(0);
  });

  it('do not take the same call for theirs, where ids are not repeated', async () => {
    const { source, expect: expectation, clock } = openOutcomes();
    const [first, second] = [await expectation('op-1'), await expectation('op-2')];
    source.publish(callChanged('c', 'Dialing'));
    source.publish(callChanged('c', 'Established'));
    expect(await first.replied()).toMatchObject({ state: 'succeeded' });
    const replying = second.replied();
    await clock.elapse(WAIT_MS);
    expect(await replying).toEqual({ state: 'timed_out' });
  });

  it('are unknown, and not failed, when an error does not say whose it is', async () => {
    const { source, expect: expectation, clock } = openOutcomes();
    const [first, second] = [await expectation('op-1'), await expectation('op-2')];
    source.publish(eventError());
    const replying = [first.replied(), second.replied()];
    await clock.elapse(WAIT_MS);
    for (const outcome of await Promise.all(replying)) {
      expect(outcome).toMatchObject({ state: 'unknown', notification: { data: eventError() } });
    }
    const alone = await expectation('op-3');
    source.publish(eventError());
    expect(await alone.replied()).toMatchObject({ state: 'failed' });
  });

  it('are as many as may be; one more is sent, and unknown at once', async () => {
    const { outcomes, expect: expectation, events } = openOutcomes({ maxPerUser: 2, maxTotal: 3 });
    const bela = { user: asUserId('bela') };
    const waiting = [await expectation('op-1'), await expectation('op-2')];
    expect(await (await expectation('op-3')).replied()).toEqual({ state: 'unknown' });
    waiting.push(await expectation('op-4', bela));
    expect(await (await expectation('op-5', bela)).replied()).toEqual({ state: 'unknown' });
    expect(events.outcomes.map(({ doubt }) => doubt)).toEqual(['too-many', 'too-many']);
    expect(outcomes.waiting).toBe(3);
    for (const { end } of waiting) end();
    expect(outcomes.waiting).toBe(0);
    const { end } = await expectation('op-6');
    expect(outcomes.waiting).toBe(1);
    end();
  });

  it('may be a thousand at once: all are settled, nothing is left', async () => {
    const {
      source,
      outcomes,
      sessions,
      expect: expectation,
    } = openOutcomes({
      maxPerUser: 20,
      maxTotal: 5_000,
    });
    const ids = Array.from({ length: 1_000 }, (_, index) => `op-${index}`);
    const userOf = (index: number) => asUserId(`user-${Math.floor(index / 10)}`);
    const all = await Promise.all(ids.map((id, index) => expectation(id, { user: userOf(index) })));
    expect([outcomes.waiting, source.attached.size]).toEqual([1_000, 100]);
    const replying = all.map(({ replied }) => replied());
    for (const [index, id] of ids.entries()) source.publish(eventError(id), userOf(index));
    const settled = await Promise.all(replying);
    expect(new Set(settled.map(({ state }) => state))).toEqual(new Set(['failed']));
    expect(new Set(settled.map(({ notification }) => notification?.cursor)).size).toBe(1_000);
    expect([outcomes.waiting, source.attached.size, sessions.watched]).toEqual([0, 0, 0]);
  });
});

describe('an instance that leaves', () => {
  it('ends every wait, and begins none', async () => {
    const { outcomes, expect: expectation, source } = openOutcomes();
    const { replied } = await expectation('op-1');
    const replying = replied();
    outcomes.close();
    expect(await replying).toEqual({ state: 'unknown' });
    expect(await (await expectation('op-2')).replied()).toEqual({ state: 'unknown' });
    expect(source.attached.size).toBe(0);
  });
});
