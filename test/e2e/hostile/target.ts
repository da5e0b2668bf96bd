import { startSimulator } from '@gw/simulator';
import { freePort } from '../../support/free-port.js';
import { type Environment, GatewayProcess } from '../../support/gateway-processes.js';
import { Person } from '../../support/person.js';
import { type Arrival, RecordingUpstream } from '../../support/recording-upstream.js';
import { MARK, type Victim } from './corpus/attack.js';

const API_KEY = 'the-gateways-own-key';

/** The built gateway as a process of its own, before an upstream that keeps what arrives; somebody is signed in. */
export interface Target {
  readonly port: number;
  readonly upstream: RecordingUpstream;
  readonly victim: Victim;
  /** The status that an ordinary request of the victim's gets. */
  askHonestly(): Promise<number>;
  /** What about a request that arrived must not be so. */
  uncleanIn(arrival: Arrival): string[];
  isTheSameProcess(): boolean;
  log(): string;
  close(): Promise<void>;
}

export async function startTarget(environment: Environment = {}): Promise<Target> {
  const [simulator, upstream, port] = await Promise.all([
    startSimulator(),
    RecordingUpstream.start(),
    freePort(),
  ]);
  const origin = `http://localhost:${port}`;
  const gateway = await GatewayProcess.start('hostile', port, {
    PUBLIC_URL: origin,
    ENGAGE_AUTH_URL: simulator.url,
    ENGAGE_API_URL: upstream.url,
    ENGAGE_API_KEY: API_KEY,
    ...environment,
  });
  const { pid } = gateway;
  const person = new Person(origin, 'anna');
  await person.signIn();
  const victim = { host: `localhost:${port}`, origin, cookie: person.agent.cookieHeader(origin) };
  const secret = person.agent.cookie(origin, 'session') ?? '';
  const upstreamHost = new URL(upstream.url).host;
  return {
    port,
    upstream,
    victim,
    askHonestly: async () => (await person.request('/api/workspace/v3/me')).status,
    uncleanIn: (arrival) =>
      uncleanIn(
        arrival,
        { secret, upstreamHost, cookie: upstream.cookie },
        simulator.control.secrets('anna'),
      ),
    isTheSameProcess: () => gateway.isRunning && gateway.pid === pid,
    log: () => gateway.log(),
    close: async () => {
      await gateway.close();
      await Promise.all([upstream.close(), simulator.close()]);
    },
  };
}

interface Ours {
  /** The victim's session cookie. */
  readonly secret: string;
  readonly upstreamHost: string;
  readonly cookie: string;
}

function uncleanIn(arrival: Arrival, ours: Ours, tokens: readonly string[]): string[] {
  const { headers, rawHeaders } = arrival;
  const head = rawHeaders.join('\n');
  const valuesOf = (name: string) =>
    rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
  const [bearer = '', ...furtherBearers] = valuesOf('authorization');
  const checks: Readonly<Record<string, boolean>> = {
    'a mark': head.includes(MARK),
    'the client’s session': head.includes(ours.secret),
    'a bearer that is not the person’s': !tokens.includes(bearer.replace(/^Bearer /, '')),
    'two bearers': furtherBearers.length > 0,
    'a foreign cookie': valuesOf('cookie').join('\n') !== ours.cookie,
    'a foreign key': valuesOf('x-api-key').join('\n') !== API_KEY,
    'a foreign host': valuesOf('host').join('\n') !== ours.upstreamHost,
    'two framings': valuesOf('content-length').length + valuesOf('transfer-encoding').length > 1,
    'a page’s field': headers.origin !== undefined || headers['x-csrf'] !== undefined,
    'an injected field': headers['x-injected'] !== undefined,
  };
  return Object.keys(checks).filter((what) => checks[what]);
}
