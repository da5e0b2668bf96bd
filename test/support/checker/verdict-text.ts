import { type SmallestHistory } from './shrink.js';
import { type ClientEvent, type Published } from './user-history.js';
import { type UserBreach, type Verdict } from './verdict.js';

/** A fault that struck during the run, for people. */
interface StruckFault {
  readonly at: number;
  readonly what: string;
}

export interface Run {
  readonly seed: number;
  readonly startedAt: number;
  /** In the order in which they struck. */
  readonly faults: readonly StruckFault[];
}

const SHOWN_BREACHES = 10;

/** The verdict with all it takes to understand it: seed, faults, and the smallest history that breaks the promise. */
export function describeVerdict(verdict: Verdict, run: Run): string {
  const { breaches } = verdict;
  const isClean = breaches.length === 0;
  const since = (at: number) => `${((at - run.startedAt) / 1_000).toFixed(3).padStart(9)} s`;
  const [first] = breaches;
  return [
    `seed ${run.seed}`,
    ...run.faults.map(({ at, what }) => `${since(at)}  ${what}`),
    `${verdict.users} users, ${verdict.published} published, ${verdict.heard} heard, ${verdict.gaps} gaps`,
    isClean
      ? 'clean: nothing lost, nothing doubled, no silence'
      : `${breaches.length} breaches of the promise`,
    ...breaches.slice(0, SHOWN_BREACHES).map((breach) => `  ${describeBreach(breach)}`),
    ...(first?.smallest ? ['the smallest history that breaks it:', ...linesOf(first.smallest, since)] : []),
  ].join('\n');
}

function describeBreach({ user, client, kind, what }: UserBreach): string {
  return `${user}${client === undefined ? '' : `, ${client}`}: ${kind}: ${what}`;
}

function linesOf({ published, client }: SmallestHistory, since: (at: number) => string): string[] {
  const lines = [
    ...published.map((one: Published) => ({ at: one.at, text: `published ${one.number}` })),
    ...client.events.map((event) => ({ at: event.at, text: `  ${client.name} ${describeEvent(event)}` })),
  ];
  return lines.toSorted((a, b) => a.at - b.at).map(({ at, text }) => `${since(at)}  ${text}`);
}

function describeEvent(event: ClientEvent): string {
  switch (event.kind) {
    case 'ready':
      return `is attached${event.isFresh ? ' without a cursor' : ' by its cursor'}${event.isConnected ? '' : ', not yet connected'}`;
    case 'notification':
      return `hears ${event.number} (${event.cursor})`;
    case 'gap':
      return `is told of a gap (${event.reason})`;
    case 'state':
      return event.isConnected ? 'is told that the API delivers' : 'is told that the API does not deliver';
    case 'closed':
      return 'has lost its socket';
  }
}
