import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { named } from './operation-id.js';

const inBody = { in: 'body', name: 'operationId' } as const;
const inQuery = { in: 'query', name: '_aioId' } as const;
const withBody = (text: string) => {
  const { body, operationId } = named(
    { search: '', body: Buffer.from(text), hasNoBody: false },
    inBody,
    'new',
  );
  return { text: body?.toString(), operationId };
};

describe('the id of a command', () => {
  it('is added to its body, of which nothing else changes', () => {
    expect(withBody(' { "data" : {"n": 12345678901234567890, "n": 1.50} }\n')).toEqual({
      text: ' {"operationId":"new", "data" : {"n": 12345678901234567890, "n": 1.50} }\n',
      operationId: 'new',
    });
    expect(withBody('{}').text).toBe('{"operationId":"new"}');
  });

  it('is its client’s own where there is one', () => {
    const text = '{"data":{"operationId":"inner"},"operationId":"mine"}';
    expect(withBody(text)).toEqual({ text, operationId: 'mine' });
  });

  it('is none where the client’s is of no use, or the body no JSON object', () => {
    for (const text of ['{"operationId":5}', '{"operationId":""}', '[]', '5', 'null', '{', 'a=b', '']) {
      expect(withBody(text)).toEqual({ text, operationId: undefined });
    }
  });

  it('makes a body where there is none, and none where it cannot be read', () => {
    const request = { search: '', body: undefined };
    const made = named({ ...request, hasNoBody: true }, inBody, 'new');
    expect([made.body?.toString(), made.operationId]).toEqual(['{"operationId":"new"}', 'new']);
    const streamed = named({ ...request, hasNoBody: false }, inBody, 'new');
    expect([streamed.body, streamed.operationId]).toEqual([undefined, undefined]);
  });

  it.each([
    ['', '?_aioId=new', 'new'],
    ['?', '?_aioId=new', 'new'],
    ['?limit=1', '?limit=1&_aioId=new', 'new'],
    ['?_aioId=', '?_aioId=&_aioId=new', 'new'],
    ['?a=%20&_aioId=m%20e', '?a=%20&_aioId=m%20e', 'm e'],
  ])('is in the query %s, or added to it', (search, expected, operationId) => {
    const given = named({ search, body: undefined, hasNoBody: true }, inQuery, 'new');
    expect(given).toEqual({ search: expected, body: undefined, operationId });
  });

  it('is found in whatever object it was added to', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        fc.pre(!Object.hasOwn(object, 'operationId'));
        const { text = '' } = withBody(JSON.stringify(object));
        expect(JSON.parse(text)).toEqual({
          ...(JSON.parse(JSON.stringify(object)) as object),
          operationId: 'new',
        });
      }),
    );
  });
});
