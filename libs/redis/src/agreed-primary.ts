import { type Socket } from 'node:net';
import { type TLSSocket } from 'node:tls';
import { SentinelConnector, type SentinelAddress, type SentinelConnectionOptions } from 'ioredis';

type NetStream = Socket | TLSSocket;

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Of the library: private in its types; a release without it fails our tests. */
interface Resolving {
  resolve(sentinel: Partial<SentinelAddress>): Promise<Address | null>;
}

/**
 * Connects to the server that most sentinels call the primary. The library takes the word of the first one that
 * answers; after a failover that may be one which has not heard of it yet, and the old primary, back with the
 * data of before or with none, would take our writes until it is told that it is a replica: two halves of the
 * gateways, each with an owner for every session.
 */
export class AgreedPrimary extends SentinelConnector {
  readonly #agree: () => Promise<Address>;
  #chosen: Address | undefined;

  /** @param options as the library hands them to any connector */
  constructor(options: unknown) {
    super(options as SentinelConnectionOptions);
    const { sentinels = [] } = options as SentinelConnectionOptions;
    const library = this as unknown as Resolving;
    const ask = library.resolve.bind(library);
    this.#agree = () => agreed(sentinels.map(ask));
    library.resolve = async () => (this.#chosen = await this.#agree());
  }

  override async connect(...parameters: Parameters<SentinelConnector['connect']>): Promise<NetStream> {
    const stream = await super.connect(...parameters);
    stream.once('connect', () => void this.#confirm(stream));
    return stream;
  }

  /**
   * Between the answer and the connection there may be seconds, and a failover: the old primary, back already, takes it
   * and all that is written to it, until it is told what it is.
   */
  async #confirm(stream: NetStream): Promise<void> {
    const chosen = this.#chosen;
    // Without a majority nothing is known that was not known before.
    const now = await this.#agree().catch(() => chosen);
    if (now?.host !== chosen?.host || now?.port !== chosen?.port) stream.destroy();
  }
}

/** What more than half of `answers` say, as soon as they do. @throws when they do not. */
function agreed(answers: readonly Promise<Address | null>[]): Promise<Address> {
  const votes = new Map<string, number>();
  return new Promise((resolve, reject) => {
    let left = answers.length;
    const count = (address: Address | null) => {
      left -= 1;
      const key = address ? `${address.host} ${address.port}` : '';
      const named = (votes.get(key) ?? 0) + 1;
      votes.set(key, named);
      if (address && named > answers.length / 2) resolve(address);
      else if (left === 0) reject(new Error('no majority of the sentinels names one primary'));
    };
    for (const answer of answers) answer.then(count, () => count(null));
  });
}
