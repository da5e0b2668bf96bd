import { describe, expect, it } from 'vitest';
import { ClientPace } from './client-pace.js';

const BUDGET = { bytes: 1_000, events: 10 };

describe('the pace of a client', () => {
  const pace = () => new ClientPace(BUDGET);
  const wrote = (client: ClientPace, events: number, bytes: number) => {
    for (let n = 0; n < events; n += 1) client.wrote(bytes);
  };

  it('is fine while less than the budget waits, be it written or under way', () => {
    const client = pace();
    wrote(client, 4, 1);
    client.began();
    wrote(client, 5, 1);
    expect(client.isFull).toBe(false);
    client.wrote(1);
    expect(client.isFull).toBe(true);
    client.took();
    expect(client.isFull).toBe(false);
  });

  it('counts bytes as well as events, and lets the one event pass that goes over', () => {
    const client = pace();
    client.wrote(999);
    expect(client.isFull).toBe(false);
    client.wrote(50_000);
    expect([client.isFull, client.isExceeded]).toEqual([true, false]);
  });

  it('keeps what was queued behind the rest until that is taken, too', () => {
    const client = pace();
    client.wrote(1);
    client.began();
    wrote(client, 10, 1);
    client.took();
    expect(client.isFull).toBe(true);
    client.began();
    client.took();
    expect(client.isFull).toBe(false);
  });

  it.each([
    ['events', 10, 1],
    ['bytes', 2, 500],
  ])('has the same budget again for what cannot wait (%s)', (_what, events, bytes) => {
    const client = pace();
    wrote(client, events, bytes);
    expect([client.isFull, client.isExceeded]).toEqual([true, false]);
    wrote(client, events - 1, bytes);
    expect(client.isExceeded).toBe(false);
    client.wrote(bytes);
    expect(client.isExceeded).toBe(true);
  });

  it('forgets what went beyond the budget once there is room again', () => {
    const client = pace();
    wrote(client, 19, 1);
    client.began();
    client.took();
    wrote(client, 19, 1);
    expect(client.isExceeded).toBe(false);
  });
});
