import { cursorBreaches } from './cursors.js';
import { deliveryBreaches } from './delivery.js';
import { revocationBreaches } from './revocations.js';
import { sessionBreaches } from './sessions.js';
import { shrink, type SmallestHistory } from './shrink.js';
import { tokenBreaches } from './tokens.js';
import { type Breach, type ClientHistory, type UserHistory } from './user-history.js';

export interface Verdict {
  readonly users: number;
  readonly published: number;
  /** Over all clients, repetitions under the same cursor included. */
  readonly heard: number;
  readonly gaps: number;
  readonly breaches: readonly UserBreach[];
}

export interface UserBreach extends Breach {
  readonly user: string;
  /** Absent: it is not one client's. */
  readonly client?: string;
  /** Of what the client heard; absent where that tells nothing. */
  readonly smallest?: SmallestHistory;
}

/** Holds what the clients heard against what the platform did. */
export function judge(histories: readonly UserHistory[]): Verdict {
  const events = histories.flatMap(({ clients }) => clients.flatMap((client) => client.events));
  return {
    users: histories.length,
    published: histories.reduce((sum, { published }) => sum + published.length, 0),
    heard: events.filter(({ kind }) => kind === 'notification').length,
    gaps: events.filter(({ kind }) => kind === 'gap').length,
    breaches: histories.flatMap(breachesOf).toSorted((a, b) => sizeOf(a) - sizeOf(b)),
  };
}

function breachesOf(history: UserHistory): UserBreach[] {
  const { user, clients, polls, tokens } = history;
  const ofUser = [
    ...cursorBreaches(clients),
    ...Object.entries(polls).flatMap(([api, its]) => sessionBreaches(api, its)),
    ...tokenBreaches(tokens),
  ].map((breach) => ({ user, ...breach }));
  return [...clients.flatMap((client) => breachesAt(client, history)), ...ofUser];
}

function breachesAt(client: ClientHistory, { user, published }: UserHistory): UserBreach[] {
  const { name } = client;
  const delivery = deliveryBreaches(published, client).map((breach) => ({ user, client: name, ...breach }));
  // Of each kind the first: those that come after are mostly its consequences.
  const firsts = delivery.filter(
    ({ kind }, index) => delivery.findIndex((one) => one.kind === kind) === index,
  );
  const smallest = new Map(firsts.map((breach) => [breach.kind, shrink(published, client, breach)]));
  return [
    ...delivery.map((breach) => ({ ...breach, smallest: smallest.get(breach.kind)! })),
    ...revocationBreaches(client).map((breach) => ({ user, client: name, ...breach })),
  ];
}

/** Those that tell most with least come first. */
function sizeOf({ smallest }: UserBreach): number {
  return smallest ? smallest.published.length + smallest.client.events.length : Infinity;
}
