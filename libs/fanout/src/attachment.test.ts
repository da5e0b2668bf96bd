import { beforeEach, describe, expect, it } from 'vitest';
import { LINGER_MS, OpenFanout, RecordingSink, WINDOW } from './testing/index.js';

const LOCAL = '/news/local';

let gateway: OpenFanout;
let sink: RecordingSink;
const deliver = (...data: unknown[]) => gateway.bayeux.last('news').deliver(LOCAL, ...data);

beforeEach(() => {
  gateway = new OpenFanout({ ...WINDOW, maxLength: 200 });
  sink = new RecordingSink();
});

describe('a client that does not keep pace', () => {
  it('is given nothing until it took what waits, and then what came meanwhile', async () => {
    await gateway.attachConnected({ sink });
    sink.drain();
    sink.capacity = 2;
    for (const n of [1, 2, 3, 4, 5]) await deliver(n);
    await gateway.settle();
    expect(sink.data).toEqual([1, 2]);
    sink.drain();
    await gateway.settle();
    expect(sink.data).toEqual([1, 2, 3, 4, 5]);
  });

  it('does not hold the others up', async () => {
    const fast = await gateway.attachConnected();
    await gateway.attach({ sink });
    sink.capacity = 1;
    await deliver(1);
    await deliver(2);
    expect(fast.sink.data).toEqual([1, 2]);
  });

  it('catches up by pages of fifty, each only when it took the one before', async () => {
    const first = await gateway.attachConnected();
    first.detach();
    await deliver(...Array.from({ length: 120 }, (_, n) => n));
    sink.capacity = 40;
    await gateway.attach({ after: first.sink.cursor, sink });
    const given = [sink.data.length];
    for (let n = 0; n < 3; n += 1) {
      sink.drain();
      await gateway.settle();
      given.push(sink.data.length);
    }
    expect(given).toEqual([50, 100, 120, 120]);
    expect(sink.data).toEqual(Array.from({ length: 120 }, (_, n) => n));
  });

  it('is given nothing more when it is gone', async () => {
    await gateway.attachConnected({ sink });
    sink.capacity = 1;
    await deliver(1);
    await deliver(2);
    sink.drain(false);
    sink.capacity = Infinity;
    await deliver(3);
    gateway.bayeux.last('news').become('interrupted');
    await gateway.settle();
    expect(sink.data).toEqual([]);
    expect(sink.statesOf('news')).toEqual(['connected']);
    expect(gateway.events.lines).toContain('anna detached');
  });

  it('gets a gap when it was so slow that the window went past it', async () => {
    await gateway.attachConnected({ sink });
    sink.capacity = 1;
    await deliver(1);
    await gateway.settle();
    for (let n = 0; n < 250; n += 1) await deliver(n);
    sink.capacity = Infinity;
    sink.drain();
    await gateway.settle();
    await deliver('live');
    expect(sink.story).toEqual([1, 'gap window news', 'live']);
  });

  it('is given nothing more once it was detached in the middle of a batch', async () => {
    const { fanout } = gateway;
    const leaving = new (class extends RecordingSink {
      override notification(event: Parameters<RecordingSink['notification']>[0]): void {
        super.notification(event);
        if (event.data === 2) client.detach();
      }
    })();
    const user = { id: 'anna', userName: 'anna', displayName: 'Anna Schmidt' };
    const channels = [{ api: 'news', channel: LOCAL }];
    const client = await fanout.attach({ user, channels, sink: leaving });
    await gateway.settle();
    await deliver(1, 2, 3);
    expect(leaving.data).toEqual([1, 2]);
  });
});

describe('a journal that fails while a client reads on', () => {
  it('is read again a second later, and nothing is lost', async () => {
    const first = await gateway.attachConnected();
    first.detach();
    await deliver(1, 2);
    const read = gateway.journal.reads;
    gateway.journal.afterRead = () => {
      // The read for `ready` succeeds; the one after it does not.
      if (gateway.journal.reads === read + 1) gateway.journal.failingReads = 2;
      return Promise.resolve();
    };
    await gateway.attach({ after: first.sink.cursor, sink });
    await deliver(3);
    expect(sink.story).toEqual([]);
    await gateway.clock.elapse(1_000);
    expect(sink.story).toEqual([]);
    await gateway.clock.elapse(1_000);
    expect(sink.story).toEqual([1, 2, 3]);
    await deliver(4);
    expect(sink.story).toEqual([1, 2, 3, 4]);
    const failed = 'anna read failed (journal_unavailable)';
    expect(gateway.events.lines.filter((line) => line === failed)).toHaveLength(2);
  });

  it('is not read again for a client that left', async () => {
    const client = await gateway.attachConnected({ sink });
    sink.capacity = 1;
    gateway.journal.failingReads = 1;
    await deliver(1);
    await gateway.settle();
    client.detach();
    const read = gateway.journal.reads;
    await gateway.clock.elapse(LINGER_MS);
    expect(gateway.journal.reads).toBe(read);
    expect(gateway.clock.pending).toBe(0);
  });
});

describe('a client that comes while something is written', () => {
  it.each(['beforeRead', 'afterRead'] as const)(
    'misses nothing and gets nothing twice (%s)',
    async (moment) => {
      await gateway.attachConnected();
      await deliver('before');
      let n = 0;
      gateway.journal[moment] = () => (n < 5 ? deliver(`during ${(n += 1)}`) : Promise.resolve());
      await gateway.attach({ sink });
      await deliver('after');
      const start = sink.firstReady.cursor.split('.')[1];
      const missed = Number(start) - 1;
      expect(sink.data).toEqual([
        ...['during 1', 'during 2', 'during 3', 'during 4', 'during 5'].slice(missed),
        'after',
      ]);
    },
  );
});
