import { type IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientAddresses } from './client-addresses.js';

const from = (remoteAddress: string | undefined, headers: Readonly<Record<string, string>> = {}) =>
  ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage;

describe('the address of a client', () => {
  it('is that of the connection, whatever the client says, when no proxy is trusted', () => {
    const addresses = new ClientAddresses([]);
    fc.assert(
      fc.property(fc.string(), (forged) => {
        const headers = { 'x-forwarded-for': forged, forwarded: `for=${forged}`, 'x-real-ip': forged };
        expect(addresses.of(from('198.51.100.7', headers))).toBe('198.51.100.7');
      }),
    );
  });

  it('is the last one that no trusted proxy is known to have', () => {
    const addresses = new ClientAddresses(['10.0.0.0/8', 'loopback']);
    const forwarded = (list: string) => addresses.of(from('10.1.2.3', { 'x-forwarded-for': list }));
    expect(forwarded('198.51.100.7')).toBe('198.51.100.7');
    expect(forwarded('198.51.100.7, 10.9.9.9')).toBe('198.51.100.7');
    expect(forwarded('192.0.2.1, 198.51.100.7')).toBe('198.51.100.7');
    expect(addresses.of(from('10.1.2.3'))).toBe('10.1.2.3');
  });

  it('is not what somebody forwards who is not trusted', () => {
    const addresses = new ClientAddresses(['10.0.0.0/8']);
    expect(addresses.of(from('203.0.113.5', { 'x-forwarded-for': '10.1.1.1' }))).toBe('203.0.113.5');
  });

  it('is one for a whole IPv6 network, and the IPv4 address where that is inside', () => {
    const addresses = new ClientAddresses([]);
    expect(addresses.of(from('2001:db8:1:2:aaaa::1'))).toBe('2001:db8:1:2::/64');
    expect(addresses.of(from('2001:db8:1:2:bbbb::2'))).toBe('2001:db8:1:2::/64');
    expect(addresses.of(from('2001:db8:1:3::1'))).toBe('2001:db8:1:3::/64');
    expect(addresses.of(from('::ffff:198.51.100.7'))).toBe('198.51.100.7');
  });

  it('is unknown when it is none, or the connection has gone', () => {
    const addresses = new ClientAddresses(['loopback']);
    expect(addresses.of(from('127.0.0.1', { 'x-forwarded-for': 'gw:{x}' }))).toBe('unknown');
    expect(new ClientAddresses([]).of(from(undefined))).toBe('unknown');
  });
});
