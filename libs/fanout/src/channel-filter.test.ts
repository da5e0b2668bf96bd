import { asApiName } from '@gw/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChannelFilter, MAX_CHANNELS } from './channel-filter.js';

const news = asApiName('news');
const desk = asApiName('desk');

describe('the channels of a client', () => {
  it('let through their own API only', () => {
    const filter = new ChannelFilter();
    filter.add(news, '/a');
    expect(filter.lets(news, '/a')).toBe(true);
    expect(filter.lets(news, '/b')).toBe(false);
    expect(filter.lets(desk, '/a')).toBe(false);
  });

  it('let through what a wildcard stands for', () => {
    const filter = new ChannelFilter();
    filter.add(news, '/a/*');
    filter.add(desk, '/a/**');
    const through = (api: typeof news) =>
      ['/a', '/a/b', '/a/b/c'].filter((channel) => filter.lets(api, channel));
    expect(through(news)).toEqual(['/a/b']);
    expect(through(desk)).toEqual(['/a/b', '/a/b/c']);
  });

  it('keep an API whose last channel was removed: its state is still told', () => {
    const filter = new ChannelFilter();
    filter.add(news, '/a');
    filter.remove(news, '/a');
    expect(filter.hasApi(news)).toBe(true);
    expect(filter.apis).toEqual([news]);
    expect(filter.lets(news, '/a')).toBe(false);
  });

  it('are a set by API and channel, and full at a hundred', () => {
    const channel = fc.nat({ max: 150 }).map((n) => `/${n}`);
    const change = fc.tuple(fc.boolean(), fc.constantFrom(news, desk), channel);
    fc.assert(
      fc.property(fc.array(change, { maxLength: 400 }), (changes) => {
        const filter = new ChannelFilter();
        const model = new Set<string>();
        for (const [adds, api, name] of changes) {
          const key = `${api} ${name}`;
          if (adds) expect(filter.add(api, name)).toBe(!model.has(key));
          else expect(filter.remove(api, name)).toBe(model.has(key));
          if (adds) model.add(key);
          else model.delete(key);
          expect(filter.hasRoomFor(news, '/other')).toBe(model.size < MAX_CHANNELS);
          expect(filter.hasRoomFor(api, name)).toBe(model.size < MAX_CHANNELS || model.has(key));
        }
        expect([...filter].map(([api, name]) => `${api} ${name}`).toSorted()).toEqual([...model].toSorted());
      }),
    );
  });
});
