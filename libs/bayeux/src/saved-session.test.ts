import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSavedSession, type SavedSession, writeSavedSession } from './saved-session.js';

const session: SavedSession = {
  clientId: 'client-1',
  ack: 7,
  supportedConnectionTypes: ['long-polling', 'websocket'],
  advice: { timeout: 30_000, maxInterval: 10_000 },
};

describe('the state of a session', () => {
  it('says what it is made of', () => {
    expect(JSON.parse(writeSavedSession(session))).toEqual({ version: 1, acknowledged: true, ...session });
  });

  it.each([
    ['with acknowledgements', session],
    ['without', { ...session, ack: undefined }],
    ['whose server gave no advice', { ...session, advice: {} }],
  ])('is read as it was written: %s', (_what, written) =>
    expect(readSavedSession(writeSavedSession(written))).toEqual(written),
  );

  it.each([
    ['no JSON', '{'],
    ['no object', '[1]'],
    ['another version', JSON.stringify({ version: 2, acknowledged: true, ...session })],
    ['no client id', JSON.stringify({ version: 1, acknowledged: true, ...session, clientId: '' })],
    [
      'acknowledged without a number',
      JSON.stringify({ version: 1, acknowledged: true, ...session, ack: '7' }),
    ],
    ['a number without acknowledgements', JSON.stringify({ version: 1, acknowledged: false, ...session })],
  ])('is not read when it is %s', (_what, state) => expect(readSavedSession(state)).toBeUndefined());

  it('is never believed further than it goes', () => {
    const member = fc.oneof(fc.jsonValue(), fc.constantFrom(session.clientId, session.advice, 7, true));
    const state = fc.record(
      {
        version: fc.constant(1),
        clientId: member,
        acknowledged: member,
        ack: member,
        supportedConnectionTypes: member,
        advice: member,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(state, (value) => {
        const read = readSavedSession(JSON.stringify(value));
        if (!read) return;
        expect(typeof read.clientId).toBe('string');
        expect(read.ack === undefined || Number.isSafeInteger(read.ack)).toBe(true);
        expect(read.supportedConnectionTypes.every((type) => typeof type === 'string')).toBe(true);
        expect(Object.values(read.advice).every((ms) => typeof ms === 'number')).toBe(true);
      }),
    );
  });
});
