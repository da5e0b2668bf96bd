import { isRegistered } from './redirect-uri.js';

/** A native app: a public client, RFC 8252 §8.4. It has no secret that it could keep. */
export interface NativeClient {
  readonly id: string;
  readonly redirectUris: readonly string[];
}

export class NativeClients {
  readonly #clients: ReadonlyMap<string, NativeClient>;

  constructor(clients: readonly NativeClient[]) {
    this.#clients = new Map(clients.map((client) => [client.id, client]));
  }

  has(id: string): boolean {
    return this.#clients.has(id);
  }

  mayRedirectTo(id: string, uri: string): boolean {
    return isRegistered(uri, this.#clients.get(id)?.redirectUris ?? []);
  }
}
