import { describe, expect, it } from 'vitest';
import { framingFaultOf } from './message-framing.js';

describe('the framing of a message', () => {
  it.each([
    ['1.1', {}],
    ['1.0', {}],
    ['1.0', { 'content-length': '3' }],
    ['1.1', { 'content-length': '3' }],
    ['1.1', { 'transfer-encoding': 'chunked' }],
    ['1.1', { 'transfer-encoding': 'Chunked' }],
  ])('can be read in one way: HTTP/%s, %j', (httpVersion, headers) =>
    expect(framingFaultOf({ httpVersion, headers })).toBeUndefined(),
  );

  it.each([
    ['0.9', {}],
    ['2.0', {}],
    ['1.0', { 'transfer-encoding': 'chunked' }],
    ['1.1', { 'transfer-encoding': '' }],
    ['1.1', { 'transfer-encoding': 'gzip, chunked' }],
    ['1.1', { 'transfer-encoding': 'identity, chunked' }],
    ['1.1', { 'transfer-encoding': 'chunked', 'content-length': '3' }],
    ['1.1', { 'transfer-encoding': '', 'content-length': '3' }],
  ])('could be read in two ways: HTTP/%s, %j', (httpVersion, headers) =>
    expect(framingFaultOf({ httpVersion, headers })).toBeTypeOf('string'),
  );
});
