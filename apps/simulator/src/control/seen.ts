import { type Api } from '../apis.js';

export interface ApiSeen {
  sessionInits: number;
  logouts: number;
  handshakes: number;
  connects: number;
  disconnects: number;
  /** Every channel of every /meta/subscribe, in order; the last 10,000. */
  subscribes: string[];
  /** The channels subscribed now, once for each CometD session. */
  subscriptions: string[];
  /** CometD sessions alive now. */
  sessions: number;
  /** The most that were alive at once. */
  maxSessions: number;
  /** `ext.ack` of each /meta/connect that had one, and when (ms since the epoch); the last 10,000. */
  acks: { ack: number; at: number }[];
  /** Who polled, in order: each entry is what one CometD session did before another one did; the last 10,000. */
  polls: Polls[];
  multipleClientsAdvised: boolean;
  unknownSession402: number;
  forbidden403: number;
  unauthorized401: number;
  /** Requests outside /notifications. */
  rest: number;
}

/** Each /meta/connect that arrived of one CometD session, without any of another one in between; ms since the epoch. */
interface Polls {
  readonly clientId: string;
  readonly firstAt: number;
  lastAt: number;
  count: number;
}

export interface UserSeen {
  /** Successful redemptions by grant, and refusals of any grant. */
  tokens: { authorizationCode: number; refreshToken: number; password: number; refused: number };
  signOuts: number;
  apis: Record<Api, ApiSeen>;
}

const MAX_ENTRIES = 10_000;

/** What the server saw, per user and in total. What no user can be found for counts in the total only. */
export class Seen {
  readonly #users = new Map<string, UserSeen>();
  readonly #totals = nothingSeen();

  of(user: string): UserSeen {
    return structuredClone(this.#users.get(user) ?? nothingSeen());
  }

  totals(): UserSeen {
    return structuredClone(this.#totals);
  }

  note(user: string | undefined, write: (seen: UserSeen) => void): void {
    write(this.#totals);
    if (user === undefined) return;
    const seen = this.#users.get(user) ?? nothingSeen();
    this.#users.set(user, seen);
    write(seen);
  }

  noteApi(user: string | undefined, api: Api, write: (seen: ApiSeen) => void): void {
    this.note(user, (seen) => write(seen.apis[api]));
  }
}

/** Appends, and drops the oldest beyond the limit. */
export function remember<T>(list: T[], entry: T): void {
  list.push(entry);
  if (list.length > MAX_ENTRIES) list.shift();
}

export function notePoll({ polls }: ApiSeen, clientId: string, at: number): void {
  const last = polls.at(-1);
  if (last?.clientId === clientId) {
    last.lastAt = at;
    last.count += 1;
  } else remember(polls, { clientId, firstAt: at, lastAt: at, count: 1 });
}

function nothingSeen(): UserSeen {
  return {
    tokens: { authorizationCode: 0, refreshToken: 0, password: 0, refused: 0 },
    signOuts: 0,
    apis: {
      workspace: nothingSeenOfApi(),
      statistics: nothingSeenOfApi(),
      provisioning: nothingSeenOfApi(),
    },
  };
}

function nothingSeenOfApi(): ApiSeen {
  return {
    sessionInits: 0,
    logouts: 0,
    handshakes: 0,
    connects: 0,
    disconnects: 0,
    subscribes: [],
    subscriptions: [],
    sessions: 0,
    maxSessions: 0,
    acks: [],
    polls: [],
    multipleClientsAdvised: false,
    unknownSession402: 0,
    forbidden403: 0,
    unauthorized401: 0,
    rest: 0,
  };
}
