import { type GatewayParts, readConfig, readProfile, startGateway } from '@gw/gateway';
import { type Simulator, type SimulatorOptions, startSimulator } from '@gw/simulator';
import { freePort } from './free-port.js';
import { Person } from './person.js';
import { RecordingProxy } from './recording-proxy.js';

export interface StackOptions {
  readonly simulator?: SimulatorOptions;
  /** Beside what the stack sets itself. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly parts?: GatewayParts;
}

/** A simulator and a gateway in this process, as a newcomer's `npm start` runs them. */
export interface Stack {
  readonly url: string;
  readonly simulator: Simulator;
  /** Everything the gateway logged so far. */
  readonly log: () => string;
  /** A person with a browser of their own, signed in. */
  signIn(userName: string): Promise<Person>;
  /** Closes people's sockets too. */
  close(): Promise<void>;
}

/** A stack with a recording on either side of the gateway. */
export interface TappedStack extends Stack {
  /** Between clients and the gateway: `url` leads through it. */
  readonly clientSide: RecordingProxy;
  /** Between the gateway and the simulator; people's sign-in pages go past it. */
  readonly upstreamSide: RecordingProxy;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const simulator = await startSimulator({ eventDelayMs: 10, ...options.simulator });
  const port = await freePort();
  const url = `http://localhost:${port}`;
  return runGateway(simulator, url, options, { PORT: String(port), ENGAGE_AUTH_URL: simulator.url });
}

export async function startTappedStack(options: StackOptions = {}): Promise<TappedStack> {
  const simulator = await startSimulator({ eventDelayMs: 10, ...options.simulator });
  const port = await freePort();
  const clientSide = await RecordingProxy.start(port);
  const upstreamSide = await RecordingProxy.start(Number(new URL(simulator.url).port));
  const url = `http://localhost:${clientSide.port}`;
  const stack = await runGateway(simulator, url, options, {
    PORT: String(port),
    PUBLIC_URL: url,
    ENGAGE_AUTH_URL: `http://127.0.0.1:${upstreamSide.port}`,
    OAUTH_AUTHORIZATION_URL: `${simulator.url}/auth/v3/oauth/authorize`,
  });
  const close = async () => {
    await stack.close();
    await Promise.all([clientSide.close(), upstreamSide.close()]);
  };
  return { ...stack, clientSide, upstreamSide, close };
}

async function runGateway(
  simulator: Simulator,
  url: string,
  { environment, parts }: StackOptions,
  wiring: Readonly<Record<string, string>>,
): Promise<Stack> {
  const lines: string[] = [];
  const config = readConfig({ LOG_LEVEL: 'debug', ...wiring, ...environment });
  const profile = await readProfile(config.upstream.profileFile);
  const logDestination = { write: (line: string) => void lines.push(line) };
  const gateway = await startGateway(config, profile, { logDestination, ...parts });
  const people: Person[] = [];
  return {
    url,
    simulator,
    log: () => lines.join(''),
    signIn: async (userName) => {
      const person = new Person(url, userName);
      people.push(person);
      await person.signIn();
      return person;
    },
    close: async () => {
      for (const person of people) person.close();
      await gateway.close();
      await simulator.close();
    },
  };
}
