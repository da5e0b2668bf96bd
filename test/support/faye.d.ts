/** What the tests use of it; the package has no types of its own. */
declare module 'faye' {
  import { type Server } from 'node:http';

  interface NodeAdapter {
    attach(server: Server): void;
    on(event: 'handshake' | 'disconnect', listener: (clientId: string) => void): void;
    getClient(): {
      publish(channel: string, data: unknown): PromiseLike<void>;
      disconnect(): void;
    };
    close(): void;
  }

  const faye: {
    /** `timeout` in seconds: how long a connect is held. A client is forgotten after twice that. */
    readonly NodeAdapter: new (options: { readonly mount: string; readonly timeout: number }) => NodeAdapter;
  };
  export default faye;
}
