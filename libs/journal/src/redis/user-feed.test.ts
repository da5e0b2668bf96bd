import { asApiName } from '@gw/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { type JournalEntry } from '../journal.js';
import { type ToldBatch, UserFeed } from './user-feed.js';

describe('what an instance has heard of a journal', () => {
  const LOOK_AGAIN: number[] = [];
  let feed: UserFeed;
  let told: number[][];

  beforeEach(() => {
    feed = new UserFeed();
    told = [];
    feed.add((entries) => told.push(entries.map(({ position }) => position.sequence)));
  });

  function batch(before: number, last: number, epoch = 'an-epoch'): ToldBatch {
    const entries = Array.from({ length: last - before }, (_, index): JournalEntry => {
      return { kind: 'gap', api: asApiName('workspace'), position: { epoch, sequence: before + index + 1 } };
    });
    return { epoch, before, last, entries: () => entries };
  }
  const hear = (before: number, last: number, epoch?: string) => feed.hear(batch(before, last, epoch));

  it('is told on, batch by batch', () => {
    hear(4, 6);
    hear(6, 7);
    expect(told).toEqual([[5, 6], [7]]);
  });

  it('is told once, though it comes by two ways', () => {
    hear(0, 2);
    hear(0, 2);
    hear(2, 3);
    hear(2, 3);
    expect(told).toEqual([[1, 2], [3]]);
  });

  it('is not read again where it was heard by the other way', () => {
    hear(0, 2);
    let reads = 0;
    const entries = () => {
      reads += 1;
      return [];
    };
    feed.hear({ epoch: 'an-epoch', before: 0, last: 2, entries });
    expect(reads).toBe(0);
  });

  describe('from the channel', () => {
    const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

    it('is told at once while nothing of our own is under way', () => {
      feed.overhear(batch(0, 1));
      expect(told).toEqual([[1]]);
    });

    it('lets the answer to an append of our own go first, so that the echo need not be read', async () => {
      feed.appendBegun();
      feed.overhear({ ...batch(0, 2), entries: () => expect.fail('read in vain') });
      hear(0, 2);
      feed.appendEnded();
      await turn();
      expect(told).toEqual([[1, 2]]);
    });

    it('is told in order, and waits for no more than this turn of the event loop', async () => {
      hear(0, 1);
      feed.appendBegun();
      feed.overhear(batch(1, 2));
      feed.appendEnded();
      feed.overhear(batch(2, 3));
      expect(told).toEqual([[1]]);
      await turn();
      feed.overhear(batch(3, 4));
      expect(told).toEqual([[1], [2], [3], [4]]);
    });

    it('is told although the append is not answered', async () => {
      feed.appendBegun();
      feed.overhear(batch(0, 1));
      await turn();
      expect(told).toEqual([[1]]);
    });
  });

  it('has whoever listens look again where there is a hole, and goes on behind it', () => {
    hear(0, 1);
    hear(2, 3);
    hear(1, 2);
    hear(3, 4);
    expect(told).toEqual([[1], LOOK_AGAIN, [4]]);
  });

  it('has them look again for what was written before our first append, and comes after it', () => {
    hear(2, 3);
    hear(1, 2);
    hear(1, 2);
    hear(2, 3);
    hear(3, 4);
    expect(told).toEqual([[3], LOOK_AGAIN, [4]]);
  });

  it('has them look again in another epoch, wherever that stands', () => {
    hear(0, 5);
    hear(5, 6, 'the-next-epoch');
    hear(6, 7, 'the-next-epoch');
    expect(told).toEqual([[1, 2, 3, 4, 5], LOOK_AGAIN, [7]]);
  });

  it('has them look again for a batch that came without its entries', () => {
    feed.hear({ epoch: 'an-epoch', before: 0, last: 9, entries: () => undefined });
    hear(9, 10);
    expect(told).toEqual([LOOK_AGAIN, [10]]);
  });

  it('knows the furthest position of an epoch, by whatever way it came', () => {
    expect(feed.known).toBeUndefined();
    feed.know({ epoch: 'an-epoch', sequence: 7 });
    hear(4, 5);
    expect(feed.known).toEqual({ epoch: 'an-epoch', sequence: 7 });
    hear(5, 9);
    feed.know({ epoch: 'an-epoch', sequence: 8 });
    expect(feed.known).toEqual({ epoch: 'an-epoch', sequence: 9 });
    feed.know({ epoch: 'the-next-epoch', sequence: 1 });
    expect(feed.known).toEqual({ epoch: 'the-next-epoch', sequence: 1 });
  });

  it('is told what a read has already shown to one of several listeners', () => {
    feed.know({ epoch: 'an-epoch', sequence: 2 });
    hear(0, 1);
    hear(1, 2);
    expect(told).toEqual([[1], [2]]);
  });

  it('reaches one function twice that listens twice, until each has stopped', () => {
    let calls = 0;
    const count = () => (calls += 1);
    const stops = [feed.add(count), feed.add(count)];
    hear(0, 1);
    stops[0]?.();
    stops[0]?.();
    hear(1, 2);
    expect(calls).toBe(3);
  });
});
