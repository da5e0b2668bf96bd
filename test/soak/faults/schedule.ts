import { Random } from '../random.js';
import {
  type FaultName,
  MACHINE_FAULTS,
  type MachineFault,
  USER_FAULTS,
  type UserFault,
} from './fault-names.js';

export interface Scheduled<F extends FaultName> {
  readonly fault: F;
  /** After the end of the one before, in milliseconds. */
  readonly afterMs: number;
  /** How long it lasts, where that can be chosen, in milliseconds. */
  readonly lastsMs: number;
  /** Decides whom it strikes. */
  readonly seed: number;
}

/** How long each may last: shorter and longer than the three seconds after which an instance counts as dead. */
const LASTS_MS: Readonly<Record<FaultName, readonly [number, number]>> = {
  kill: [0, 6_000],
  freeze: [500, 14_000],
  terminate: [0, 3_000],
  'redis-hang': [300, 2_500],
  'redis-failover': [0, 0],
  cut: [500, 9_000],
  reset: [500, 6_000],
  upstream: [0, 0],
  'forget-session': [0, 0],
  'expire-tokens': [0, 0],
  drop: [0, 0],
  reopen: [0, 0],
  logout: [0, 0],
};

/** Pauses in which all may go well again, or not. */
const PAUSES_MS = { shortest: 1_000, longest: 8_000 };

/** What strikes machines, without an end. Each fault comes once in every round, in an order of the seed's. */
export function machineFaults(
  seed: number,
  chosen: readonly FaultName[],
): Generator<Scheduled<MachineFault>, void> {
  return schedule(
    new Random(seed),
    MACHINE_FAULTS.filter((name) => chosen.includes(name)),
  );
}

/** The same of what strikes users. */
export function userFaults(
  seed: number,
  chosen: readonly FaultName[],
): Generator<Scheduled<UserFault>, void> {
  return schedule(
    new Random(seed ^ 0x5eed),
    USER_FAULTS.filter((name) => chosen.includes(name)),
  );
}

function* schedule<F extends FaultName>(random: Random, names: readonly F[]): Generator<Scheduled<F>, void> {
  while (names.length > 0) {
    const left = [...names];
    while (left.length > 0) {
      const [fault] = left.splice(random.below(left.length), 1);
      if (fault === undefined) return;
      const [shortest, longest] = LASTS_MS[fault];
      yield {
        fault,
        afterMs: random.between(PAUSES_MS.shortest, PAUSES_MS.longest),
        lastsMs: random.between(shortest, longest),
        seed: random.below(2 ** 31),
      };
    }
  }
}
