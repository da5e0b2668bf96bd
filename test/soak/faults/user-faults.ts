import { type Simulator } from '@gw/simulator';
import { Random } from '../random.js';
import { API, type Worker } from '../worker.js';
import { type UserFault } from './fault-names.js';
import { type Scheduled } from './schedule.js';

type Fault = Parameters<Simulator['control']['faults']['add']>[0];

/** How many of the users each strikes. */
const SHARE = 0.1;

/** What the platform may do to a poll, once. */
const POLLS: readonly Omit<Fault, 'user' | 'api' | 'on'>[] = [
  { kind: 'status', status: 401 },
  { kind: 'status', status: 402 },
  { kind: 'status', status: 403 },
  { kind: 'status', status: 503 },
  { kind: 'hang' },
  { kind: 'reset' },
  { kind: 'lose-reply' },
  { kind: 'truncate' },
  { kind: 'cut' },
  { kind: 'delay', delayMs: 2_000 },
  { kind: 'no-ack' },
  { kind: 'unknown-session' },
];

export interface UserStrike {
  /** For people. */
  readonly what: string;
  readonly strike: () => Promise<void> | void;
}

/** @param revokedWithinMs how long sockets may live after a logout, as things are */
export function userFault(
  { fault, seed }: Scheduled<UserFault>,
  workers: readonly Worker[],
  { control }: Simulator,
  revokedWithinMs: () => number,
): UserStrike {
  const random = new Random(seed);
  const struck = random.some(workers, SHARE);
  const each = (act: (worker: Worker) => void) => () => struck.forEach(act);
  const whom = struck.length === 1 ? struck[0]!.userName : `${struck.length} users`;
  switch (fault) {
    case 'upstream': {
      const poll = random.one(POLLS);
      const status = 'status' in poll ? ` ${poll.status}` : '';
      return {
        what: `the platform answers a poll of ${whom} with ${poll.kind}${status}`,
        strike: each(({ userName }) =>
          control.faults.add({ ...poll, on: 'connect', api: API, user: userName }),
        ),
      };
    }
    case 'forget-session': {
      const isHttp = random.next() < 0.3;
      return {
        what: `the platform forgets the ${isHttp ? 'HTTP' : 'CometD'} session of ${whom}`,
        strike: each(({ userName }) => {
          if (isHttp) control.forgetHttpSession(userName, API);
          else control.forgetBayeuxSession(userName, API);
        }),
      };
    }
    case 'expire-tokens':
      return { what: `the access tokens of ${whom} end`, strike: each((worker) => worker.expireToken()) };
    case 'drop':
      return { what: `${whom} lose a connection`, strike: each((worker) => worker.drop(random)) };
    case 'reopen':
      return {
        what: `${whom} close a tab and open another`,
        strike: each((worker) => worker.reopen(random)),
      };
    case 'logout': {
      const some = struck.slice(0, 3);
      return {
        what: `${some.map(({ userName }) => userName).join(', ')} log out, and in again`,
        strike: async () => {
          await Promise.all(some.map((worker) => worker.logOut(revokedWithinMs())));
        },
      };
    }
  }
}
