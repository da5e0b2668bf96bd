import { type Environment } from '../gateway-processes.js';

/** How the built gateway is made wrong. */
interface PlantedFault {
  /** The end of the module's path. */
  readonly module: string;
  /** What is in it, exactly once, and what is there instead. */
  readonly replacements: readonly (readonly [from: string, to: string])[];
}

const TRANSPORT = '/libs/bayeux/dist/cometd/journaling-transport.js';
const JOURNAL_SCRIPTS = '/libs/journal/dist/redis/scripts.js';
const USER_HUB = '/libs/fanout/dist/user-hub.js';

/** Wide enough for a test to get something in between. */
const LATE_MS = 500;

/** The mistakes from which the design protects, each made. */
export const PLANTED_FAULTS = {
  /** The upstream is told that a batch has arrived before it is stored. */
  'acknowledged before it is stored': {
    module: TRANSPORT,
    replacements: [
      [
        'this.listener.receive(inbound).then(() => this.#proceed(envelope, request, responses, step), (',
        'this.listener.receive(inbound).catch(() => {}); this.#proceed(envelope, request, responses, step); Promise.resolve().then(() => {}, (',
      ],
    ],
  },
  /** A former owner may write. */
  'no fencing': {
    module: JOURNAL_SCRIPTS,
    replacements: [
      ["if holder ~= '' and redis.call('HGET', leases, holder) ~= lease then return false end", ''],
    ],
  },
  /** What the next owner acknowledges is saved with the first batch only. */
  'resumed with a stale acknowledgement': {
    module: JOURNAL_SCRIPTS,
    replacements: [
      ["if state ~= '' then", "if state ~= '' and redis.call('HEXISTS', states, holder) == 0 then"],
    ],
  },
  /** A client that comes back reads what it missed, and only then listens to what comes. */
  'replayed before it is registered': {
    module: USER_HUB,
    replacements: [
      ['this.#clients.add(client);', 'if (after === undefined) this.#clients.add(client);'],
      [
        'await client.start({ user, after, cursor, brokenApis });',
        `await client.start({ user, after, cursor, brokenApis });
         await new Promise((resolve) => setTimeout(resolve, ${LATE_MS}));
         this.#clients.add(client);`,
      ],
    ],
  },
  /** What is stored is told to nobody. */
  'never published': {
    module: JOURNAL_SCRIPTS,
    replacements: [["redis.call('PUBLISH', channel, message .. '}')", '']],
  },
} satisfies Record<string, PlantedFault>;

export type PlantedFaultName = keyof typeof PLANTED_FAULTS;

/** Has a gateway process start with the fault, or not at all. */
export const environmentWith = (name: PlantedFaultName): Environment => ({
  NODE_OPTIONS: `--import=${new URL('plant.mjs', import.meta.url).href}`,
  PLANTED_FAULT: JSON.stringify(PLANTED_FAULTS[name]),
});
