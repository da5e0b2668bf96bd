import { asApiName } from '@gw/kernel';
import { engageProfile } from '@gw/upstream';
import { describe, expect, it } from 'vitest';
import { MAX_CHANNELS } from './channel-filter.js';
import { ChannelPolicy } from './channel-policy.js';
import { testProfile } from './testing/index.js';

const policy = new ChannelPolicy(testProfile);
const news = (channel: string) => ({ api: 'news', channel });
const failing = (code: string, kind: string): unknown => expect.objectContaining({ code, kind }) as unknown;

describe('a channel', () => {
  it.each(['/news/local', '/news/world/asia', '/news/*', '/news/**', '/service/votes/a'])(
    'that the profile opens to clients may be had: %s',
    (channel) => expect(policy.check(news(channel)).name).toBe('news'),
  );

  it.each(['/news', '/newsroom/a', '/*', '/**', '/desk/a', '/meta/connect', '/meta/*'])(
    'that it does not may not: %s',
    (channel) =>
      expect(() => policy.check(news(channel))).toThrow(failing('channel_not_allowed', 'forbidden')),
  );

  it.each(['', 'news/local', '/news/', '/news//a', '/news/*/a', '/news/a b', `/news/${'a'.repeat(255)}`])(
    'must be one: %j',
    (channel) => expect(() => policy.check(news(channel))).toThrow(failing('bad_channel', 'bad_request')),
  );

  it.each(['nowhere', 'archive', '', '__proto__', 'constructor'])('needs an API: %j', (api) => {
    const unknown = failing('unknown_api', 'bad_request');
    expect(() => policy.check({ api, channel: '/a' })).toThrow(unknown);
    expect(() => policy.checkPublish({ api, channel: '/a' })).toThrow(unknown);
    expect(() => policy.api(asApiName(api))).toThrow(unknown);
  });
});

describe('publishing', () => {
  it('is allowed where the profile says so, and nowhere at Engage', () => {
    expect(policy.checkPublish(news('/service/votes/a')).name).toBe('news');
    const engage = new ChannelPolicy(engageProfile);
    for (const { name, cometd } of engageProfile.apis) {
      for (const channel of cometd?.defaultChannels.filter((each) => !each.includes('*')) ?? []) {
        const refused = failing('channel_not_allowed', 'forbidden');
        expect(() => engage.checkPublish({ api: name, channel })).toThrow(refused);
      }
    }
  });

  it.each(['/service/votes/*', '/service/**', 'votes'])('needs a channel without wildcard: %s', (channel) =>
    expect(() => policy.checkPublish(news(channel))).toThrow(failing('bad_channel', 'bad_request')),
  );
});

describe('the channels of a client', () => {
  it('are the default ones when it names none', () => {
    expect([...policy.filterFor(undefined)].filter(([api]) => api !== 'workspace')).toEqual([
      ['news', '/news/local'],
      ['desk', '/desk/*'],
    ]);
  });

  it('are none when it wants none', () => expect([...policy.filterFor([])]).toEqual([]));

  it('are counted once each, up to a hundred', () => {
    const channels = Array.from({ length: MAX_CHANNELS }, (_, n) => news(`/news/${n}`));
    expect([...policy.filterFor([...channels, ...channels])]).toHaveLength(MAX_CHANNELS);
    expect(() => policy.filterFor([...channels, news('/news/more')])).toThrow(
      failing('too_many_channels', 'bad_request'),
    );
  });
});
