import { type IncomingMessage } from 'node:http';
import proxyaddr from '@fastify/proxy-addr';
import ipaddr from 'ipaddr.js';

/** What cannot be read as an address: all such clients are one. */
const UNKNOWN = 'unknown';

/** Who has one IPv6 address has 2^64 of them (RFC 6177): the network is the client. */
const IPV6_NETWORK_PARTS = 4;

/** Addresses that were read of late: clients send many requests. Longer text is no address. */
const MAX_REMEMBERED = 10_000;
const MAX_LENGTH = 64;

/**
 * Where requests come from. `X-Forwarded-For` is believed as far as it was written by trusted proxies: read from its
 * end, the first address that is none of theirs is the client's. `Forwarded` (RFC 7239) is not read: a proxy that
 * writes the one lets a client's own other one pass.
 */
export class ClientAddresses {
  readonly #isTrusted: ((address: string, hop: number) => boolean) | undefined;
  readonly #networks = new Map<string, string>();

  /** `trustedProxies`: addresses, networks (CIDR), or the names `loopback`, `linklocal`, `uniquelocal`. */
  constructor(trustedProxies: readonly string[]) {
    if (trustedProxies.length > 0) this.#isTrusted = proxyaddr.compile([...trustedProxies]);
  }

  /** A client's address in the form in which it is counted: of an IPv6 address, its network of 64 bits. */
  of(request: IncomingMessage): string {
    const address = this.#isTrusted ? proxyaddr(request, this.#isTrusted) : request.socket.remoteAddress;
    if (address === undefined || address.length > MAX_LENGTH) return UNKNOWN;
    return this.#networks.get(address) ?? this.#remember(address);
  }

  #remember(address: string): string {
    if (this.#networks.size >= MAX_REMEMBERED) this.#networks.clear();
    const network = networkOf(address);
    this.#networks.set(address, network);
    return network;
  }
}

function networkOf(text: string): string {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text;
  if (!ipaddr.IPv6.isValid(text)) return UNKNOWN;
  const address = ipaddr.IPv6.parse(text);
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString();
  const network = address.parts.slice(0, IPV6_NETWORK_PARTS).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}
