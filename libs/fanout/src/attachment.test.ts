import { formatCursor } from '@gw/journal';
import { asUserId } from '@gw/kernel';
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
    expect(sink.data).toEqual([1, 2, 3, 4]);
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

  it('catches up by as much as it takes at a time', async () => {
    const first = await gateway.attachConnected();
    first.detach();
    await deliver(...Array.from({ length: 120 }, (_, n) => n));
    // With `ready` that makes 40.
    sink.capacity = 40;
    await gateway.attach({ after: first.sink.cursor, sink });
    const given = [sink.data.length];
    for (let n = 0; n < 3; n += 1) {
      sink.drain();
      await gateway.settle();
      given.push(sink.data.length);
    }
    expect(given).toEqual([39, 79, 119, 120]);
    expect(sink.data).toEqual(Array.from({ length: 120 }, (_, n) => n));
  });

  it('is given no more than that of a burst, and then the rest', async () => {
    await gateway.attachConnected({ sink });
    sink.drain();
    sink.capacity = 3;
    await deliver(1, 2, 3, 4, 5);
    await gateway.settle();
    expect(sink.data).toEqual([1, 2, 3]);
    sink.drain();
    await gateway.settle();
    expect(sink.data).toEqual([1, 2, 3, 4, 5]);
  });

  it('gets all of a burst that is larger than the window, at its pace', async () => {
    gateway = new OpenFanout({ ...WINDOW, maxLength: 4 });
    await gateway.attachConnected({ sink });
    sink.drain();
    sink.capacity = 3;
    await deliver(...Array.from({ length: 9 }, (_, n) => n));
    await deliver(9);
    for (let n = 0; n < 3; n += 1) {
      await gateway.settle();
      sink.drain();
    }
    await gateway.settle();
    expect(sink.story).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
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
    gateway.journal.afterRead = async () => {
      // The read for `ready` succeeds; the one for what is written meanwhile does not.
      if (gateway.journal.reads !== read + 1) return;
      gateway.journal.failingReads = 2;
      await deliver(3);
    };
    await gateway.attach({ after: first.sink.cursor, sink });
    expect(sink.story).toEqual([1, 2]);
    await gateway.clock.elapse(1_000);
    expect(sink.story).toEqual([1, 2]);
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

describe('a client that comes back', () => {
  it('costs one read of the journal, where nothing is written meanwhile', async () => {
    const first = await gateway.attachConnected();
    await deliver(1, 2);
    const read = gateway.journal.reads;
    await gateway.attach({ after: first.sink.firstReady.cursor, sink });
    expect(sink.data).toEqual([1, 2]);
    expect(gateway.journal.reads).toBe(read + 1);
  });
});

describe('a client that has all there is', () => {
  const cursorOf = async () => {
    const { head } = await gateway.journal.read(asUserId('anna'), undefined);
    return formatCursor(head);
  };

  it('is told so when it came, and where that is', async () => {
    const { sink } = await gateway.attach();
    expect(sink.caughtUpAt).toEqual([{ cursor: sink.firstReady.cursor, events: 1 }]);
  });

  it('is told so after what it missed', async () => {
    const first = await gateway.attachConnected();
    await deliver(1, 2, 3);
    await gateway.attach({ after: first.sink.firstReady.cursor, sink });
    expect(sink.data).toEqual([1, 2, 3]);
    expect(sink.caughtUpAt).toEqual([{ cursor: await cursorOf(), events: 4 }]);
  });

  it('is told so after each burst', async () => {
    await gateway.attachConnected({ sink });
    const before = sink.caughtUpAt.length;
    await deliver(1, 2);
    await deliver(3);
    expect(sink.caughtUpAt.slice(before).map(({ events }) => sink.events[events - 1])).toMatchObject([
      { data: 2 },
      { data: 3 },
    ]);
  });

  it('moves on past what is not for it', async () => {
    await gateway.attachConnected();
    await gateway.attach({ sink, channels: [{ api: 'news', channel: '/news/world' }] });
    await deliver(1, 2);
    expect(sink.data).toEqual([]);
    expect(sink.caughtUpAt.at(-1)?.cursor).toBe(await cursorOf());
  });

  it('is not told so while something waits for it to keep pace', async () => {
    await gateway.attachConnected({ sink });
    sink.drain();
    sink.capacity = 1;
    const before = sink.caughtUpAt.length;
    await deliver(1, 2);
    await gateway.settle();
    expect(sink.caughtUpAt).toHaveLength(before);
    sink.drain();
    await gateway.settle();
    expect(sink.caughtUpAt.slice(before)).toEqual([{ cursor: await cursorOf(), events: sink.events.length }]);
  });
});
