import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import faye from 'faye';

const MOUNT = '/stream/bayeux';
const TIMEOUT_S = 5;

/**
 * A Bayeux server of another make: no acknowledgements, no cookie, `401` for a client that it does not know,
 * and a poll that is not answered before the timer of one that another process left behind. It comes with
 * an upstream profile that describes it.
 */
export class FayeUpstream {
  static readonly api = 'stream';

  /** Over all restarts. */
  handshakes = 0;
  /** The most clients that it knew at once. */
  maxSessions = 0;
  readonly #clients = new Set<string>();
  #http: Server | undefined;
  #adapter: InstanceType<typeof faye.NodeAdapter> | undefined;

  private constructor(private readonly folder: string) {}

  static async start(): Promise<FayeUpstream> {
    const upstream = new FayeUpstream(await mkdtemp(join(tmpdir(), 'faye-')));
    const port = await upstream.#listen(0);
    await writeFile(upstream.profileFile, profile(port));
    return upstream;
  }

  /** For `UPSTREAMS_FILE`. */
  get profileFile(): string {
    return join(this.folder, 'upstreams.yaml');
  }

  /** How many clients it knows. */
  get sessions(): number {
    return this.#clients.size;
  }

  publish(channel: string, data: unknown): void {
    void this.#adapter?.getClient().publish(channel, data);
  }

  /** It forgets everything. */
  async restart(): Promise<void> {
    const { port } = this.#http?.address() as AddressInfo;
    await this.#stop();
    await this.#listen(port);
  }

  async close(): Promise<void> {
    await this.#stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #listen(port: number): Promise<number> {
    const http = createServer();
    const adapter = new faye.NodeAdapter({ mount: MOUNT, timeout: TIMEOUT_S });
    adapter.attach(http);
    this.#adapter = adapter;
    // Its own client, which publishes, is one as well; its handshake is not counted.
    await adapter.getClient().publish('/nobody', null);
    adapter.on('handshake', (clientId) => {
      if (this.#adapter !== adapter) return;
      this.handshakes += 1;
      this.#clients.add(clientId);
      this.maxSessions = Math.max(this.maxSessions, this.#clients.size);
    });
    adapter.on('disconnect', (clientId) => this.#clients.delete(clientId));
    this.#http = http;
    await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
    return (http.address() as AddressInfo).port;
  }

  async #stop(): Promise<void> {
    const http = this.#http;
    const closed = new Promise((resolve) => (http ? http.close(resolve) : resolve(undefined)));
    // Before it answers anybody that it is going.
    http?.closeAllConnections();
    await closed;
    this.#adapter?.getClient().disconnect();
    this.#adapter?.close();
    this.#adapter = undefined;
    this.#clients.clear();
  }
}

function profile(port: number): string {
  return `apis:
  - name: ${FayeUpstream.api}
    baseUrl: http://127.0.0.1:${port}
    basePath: /stream
    cometd:
      path: ${MOUNT}
      bearer: false
      allowedChannels: [/**]
`;
}
