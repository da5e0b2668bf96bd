import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  answersAll,
  endpointOf,
  isDelivery,
  offersAcks,
  parseReply,
  sessionUnknownReply,
} from './message.js';

const channel = fc.constantFrom('/meta/connect', '/meta/handshake', '/a/b', '/service/x');

describe('the body of a reply', () => {
  it('is read as it is when it is an array of messages', () => {
    const extras = fc.dictionary(fc.string(), fc.jsonValue());
    const message = fc.tuple(extras, channel).map(([extra, name]) => ({ ...extra, channel: name }));
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        const body = JSON.stringify(messages);
        expect(JSON.stringify(parseReply(body))).toBe(body);
      }),
    );
  });

  it('is refused as a whole when one member is no message', () => {
    const good = fc.array(channel.map((name): unknown => ({ channel: name })));
    const bad = fc.oneof(
      fc.constantFrom<unknown>(null, {}, [], '/a/b', 7),
      fc
        .jsonValue()
        .filter((value) => typeof value !== 'string')
        .map((value) => ({ channel: value })),
    );
    fc.assert(
      fc.property(good, bad, good, (before, wrong, after) => {
        expect(() => parseReply(JSON.stringify([...before, wrong, ...after]))).toThrow(SyntaxError);
      }),
    );
  });

  it.each(['', 'null', '7', '"/a"', '[', '{"channel":"/a"}', '[{"channel":"/a"},{}]', '<html></html>'])(
    'is refused: %s',
    (body) => expect(() => parseReply(body)).toThrow(SyntaxError),
  );
});

describe('a delivery', () => {
  it.each([
    ['a message with data', { channel: '/a', data: { n: 1 } }, true],
    ['a message whose data is null, false or zero', { channel: '/a', data: null }, true],
    ['a message on a channel like a meta channel', { channel: '/metadata/a', data: 1 }, true],
    ['a message with an id', { channel: '/a', id: '7', data: 1 }, true],
    ['a message without data', { channel: '/a' }, false],
    ['the reply to a publish', { channel: '/a', successful: true, id: '1' }, false],
    ['the reply to a publish that quotes the data', { channel: '/a', successful: true, data: 1 }, false],
    ['a meta message', { channel: '/meta/connect', data: 1 }, false],
    ['a message on what is no channel', { channel: 'a', data: 1 }, false],
  ])('is %s: %j → %s', (_what, message, expected) => expect(isDelivery(message)).toBe(expected));
});

describe('replies to requests', () => {
  const requests = [
    { channel: '/meta/subscribe', id: '1' },
    { channel: '/service/x', id: '2', data: 1 },
  ];

  it('are complete in any order, deliveries between them or not', () => {
    const replies = [
      { channel: '/a', data: 'delivered' },
      { channel: '/service/x', id: '2', successful: true },
      { channel: '/meta/subscribe', id: '1', successful: false },
    ];
    expect(answersAll(requests, replies)).toBe(true);
    expect(answersAll(requests, replies.toReversed())).toBe(true);
    expect(answersAll([], [])).toBe(true);
  });

  it.each([
    ['one is missing', [{ channel: '/meta/subscribe', id: '1', successful: true }]],
    [
      'one has the id of another',
      [
        { channel: '/meta/subscribe', id: '2', successful: true },
        { channel: '/service/x', id: '2', successful: true },
      ],
    ],
    [
      'a delivery only looks like one',
      [
        { channel: '/meta/subscribe', id: '1', successful: true },
        { channel: '/service/x', id: '2', data: 1 },
      ],
    ],
  ])('are not when %s', (_what, replies) => expect(answersAll(requests, replies)).toBe(false));
});

describe('a handshake reply', () => {
  it.each([
    [true, true],
    [{ enabled: true }, true],
    [{ enabled: false }, false],
    [{ enabled: 'true' }, false],
    [{}, false],
    [false, false],
    [1, false],
    ['true', false],
    [null, false],
    [undefined, false],
  ])('with ext.ack %j offers acknowledgements: %s', (ack, expected) =>
    expect(offersAcks({ channel: '/meta/handshake', ext: { ack } })).toBe(expected),
  );

  it('without ext offers none', () => expect(offersAcks({ channel: '/meta/handshake' })).toBe(false));
});

describe('the place of a disconnect', () => {
  it.each([
    ['https://host/notifications', 'https://host/notifications/disconnect'],
    ['https://host/notifications/', 'https://host/notifications/disconnect'],
    ['https://host:8080', 'https://host:8080/disconnect'],
    ['http://10.0.0.1/v3.1/cometd', 'http://10.0.0.1/v3.1/cometd/disconnect'],
    ['https://host/cometd/64.0', 'https://host/cometd/64.0'],
    ['https://host/cometd/64.0/', 'https://host/cometd/64.0/'],
    ['https://host/notifications?node=1', 'https://host/notifications?node=1'],
  ])('at %s is %s', (url, expected) => expect(endpointOf(url, 'disconnect')).toBe(expected));
});

describe('the answer to requests of an unknown session', () => {
  it('answers each, advises a handshake, and is no delivery', () => {
    const request = fc.record({ channel, id: fc.stringMatching(/^\d{1,5}$/) });
    fc.assert(
      fc.property(fc.array(request), (requests) => {
        const replies = parseReply(sessionUnknownReply(requests));
        expect(replies).toHaveLength(requests.length);
        expect(answersAll(requests, replies)).toBe(true);
        expect(replies.some(isDelivery)).toBe(false);
        for (const reply of replies) {
          expect(reply).toMatchObject({ successful: false, advice: { reconnect: 'handshake' } });
        }
      }),
    );
  });
});
