import { type Fanout } from '@gw/fanout';
import { formatCursor, type Journal, type JournalEntry, type Position } from '@gw/journal';
import { type ApiName, type InstanceId, type UserId } from '@gw/kernel';
import { type Board, type BoardView, type ConnectionView, type Instances } from '@gw/ownership';
import { endOf, type Session, type Sessions } from '@gw/sessions';

/** Newest entries of the journal that are shown; where the window is shorter, fewer. */
const LAST_EVENTS = [20, 10, 5, 2, 1];

const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * All that the cluster knows of a user, from what the instances share: any instance gives the same report.
 * Nothing secret and no payload is in it.
 */
export class UserReports {
  constructor(
    private readonly sessions: Sessions,
    private readonly fanout: Fanout,
    private readonly board: Board,
    private readonly instances: Instances,
    private readonly journal: Journal,
  ) {}

  async of(user: UserId) {
    const [sessions, view, journal] = await Promise.all([
      this.sessions.ofUser(user),
      this.board.read(user),
      this.#journalOf(user),
    ]);
    return {
      id: user,
      sessions: sessions.map(sessionReport),
      clients: this.#clientsIn(view, user),
      upstream: [...view].map(([api, connection]) => this.#connection(api, connection)),
      ...journal,
    };
  }

  /** Where clients are attached, and to what. How many, only this instance knows of itself. */
  #clientsIn(view: BoardView, user: UserId) {
    const apisAt = new Map<InstanceId, Record<string, readonly string[]>>();
    for (const [api, { wishes }] of view) {
      for (const [instance, channels] of wishes) {
        if (!this.instances.isAlive(instance)) continue;
        apisAt.set(instance, { ...apisAt.get(instance), [api]: channels });
      }
    }
    return [...apisAt].map(([instance, channels]) => ({
      instance,
      ...(instance === this.instances.self && { count: this.fanout.clientsOf(user) }),
      channels,
    }));
  }

  #connection(api: ApiName, { lease, report }: ConnectionView) {
    return {
      api,
      owner: lease?.holder ?? null,
      ownerIsAlive: lease !== undefined && this.instances.isAlive(lease.holder),
      fencing: lease?.fencing ?? null,
      state: report?.state ?? null,
      ...(report?.reason !== undefined && { reason: report.reason }),
      channels: Object.keys(report?.channels ?? {}),
      refusedChannels: report?.refused ?? [],
    };
  }

  async #journalOf(user: UserId) {
    const { head } = await this.journal.read(user, undefined);
    const entries = await this.#lastEntries(user, head);
    return { journal: { cursor: formatCursor(head) }, lastEvents: entries.map(eventReport) };
  }

  async #lastEntries(user: UserId, head: Position): Promise<readonly JournalEntry[]> {
    for (const count of LAST_EVENTS) {
      const sequence = Math.max(head.sequence - count, 0);
      const result = await this.journal.read(user, { ...head, sequence });
      if (result.kind === 'entries') return result.entries;
    }
    return [];
  }
}

function sessionReport(session: Session) {
  const { id, device, client, createdAt, lastSeenAt, expiresAt } = session;
  return {
    id,
    device,
    ...(client !== undefined && { client }),
    createdAt: iso(createdAt),
    lastSeenAt: iso(lastSeenAt),
    expiresAt: iso(expiresAt),
    idleExpiresAt: iso(endOf(session)),
  };
}

function eventReport(entry: JournalEntry) {
  const place = { cursor: formatCursor(entry.position), api: entry.api };
  if (entry.kind === 'gap') return { type: 'gap', ...place };
  return { type: 'notification', ...place, channel: entry.channel, receivedAt: iso(entry.receivedAt) };
}
