import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  digestOf,
  readSavedSession,
  type SavedSession,
  type SavedState,
  writeMark,
  writeState,
} from './saved-session.js';

const session: SavedSession = {
  clientId: 'client-1',
  ack: 7,
  supportedConnectionTypes: ['long-polling', 'websocket'],
  advice: { timeout: 30_000, maxInterval: 10_000 },
};

const savedOf = (saved: SavedSession): SavedState => ({
  state: writeState(saved),
  mark: saved.ack === undefined ? undefined : writeMark(digestOf(saved.clientId), saved.ack),
});
const { clientId, supportedConnectionTypes, advice } = session;
const state = { version: 2, acknowledged: true, clientId, supportedConnectionTypes, advice };
const mark = savedOf(session).mark!;

describe('the state of a session', () => {
  it('says what it is made of, and its mark how far it has come', () => {
    expect(JSON.parse(writeState(session))).toEqual(state);
    expect(mark).toMatch(/^[\w-]{22}:7$/);
  });

  it.each([
    ['with acknowledgements', session],
    ['without', { ...session, ack: undefined }],
    ['whose server counts from below', { ...session, ack: -1 }],
    ['whose server gave no advice', { ...session, advice: {} }],
  ])('is read as it was written: %s', (_what, written) =>
    expect(readSavedSession(savedOf(written))).toEqual(written),
  );

  it.each([
    ['no JSON', '{'],
    ['no object', '[1]'],
    ['of another version', JSON.stringify({ ...state, version: 1 })],
    ['without a client id', JSON.stringify({ ...state, clientId: '' })],
    ['silent about acknowledgements', JSON.stringify({ ...state, acknowledged: undefined })],
  ])('is not read when it is %s', (_what, text) =>
    expect(readSavedSession({ state: text, mark })).toBeUndefined(),
  );

  it.each([
    ['none', undefined],
    ['empty', ''],
    ['of another session', writeMark(digestOf('client-2'), 7)],
    ['without a number', `${digestOf('client-1')}:`],
    ['with something else than a number', `${digestOf('client-1')}:0x7`],
    ['too big to count with', `${digestOf('client-1')}:9007199254740993`],
  ])('is not read when its mark is %s', (_what, other) =>
    expect(readSavedSession({ state: JSON.stringify(state), mark: other })).toBeUndefined(),
  );

  it('is never believed further than it goes', () => {
    const member = fc.oneof(fc.jsonValue(), fc.constantFrom(session.clientId, session.advice, 7, true));
    const anything = fc.record(
      {
        version: fc.constant(2),
        clientId: member,
        acknowledged: member,
        supportedConnectionTypes: member,
        advice: member,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(anything, fc.constantFrom(mark, undefined), (value, given) => {
        const read = readSavedSession({ state: JSON.stringify(value), mark: given });
        if (!read) return;
        expect(typeof read.clientId).toBe('string');
        expect(read.ack === undefined || Number.isSafeInteger(read.ack)).toBe(true);
        expect(read.supportedConnectionTypes.every((type) => typeof type === 'string')).toBe(true);
        expect(Object.values(read.advice).every((ms) => typeof ms === 'number')).toBe(true);
      }),
    );
  });
});
