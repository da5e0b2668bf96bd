import { type ChannelRequest, type SessionUser } from '@gw/contract';
import { asInstanceId } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { MemoryJournal } from '@gw/journal/memory';
import { MemoryCluster } from '@gw/ownership/memory';
import { UpstreamEvents, UpstreamSessions } from '@gw/upstream';
import { alone, NumberedBearers } from '@gw/upstream/testing';
import { type AttachedClient, Fanout } from '../fanout.js';
import { FakeBayeuxSessions } from './fake-bayeux-sessions.js';
import { PartitionedBoard, PartitionedInstances, PartitionedLeases } from './partitioned.js';
import { RecordedEvents } from './recorded-events.js';
import { RecordingSink } from './recording-sink.js';
import { ScriptedJournal } from './scripted-journal.js';
import { ScriptedUpstreamHttp } from './scripted-upstream-http.js';
import { testProfile } from './test-profile.js';

export const LINGER_MS = 30_000;
export const WINDOW = { maxLength: 10, ttlMs: 600_000 };

export const anna: SessionUser = { id: 'anna', userName: 'anna', displayName: 'Anna Schmidt' };
export const ben: SessionUser = { id: 'ben', userName: 'ben', displayName: 'Ben Adler' };

export const NEWS: readonly ChannelRequest[] = [{ api: 'news', channel: '/news/local' }];

let nextInstance = 1;

class QuietUpstream extends UpstreamEvents {}

export interface AttachedSink extends AttachedClient {
  readonly sink: RecordingSink;
}

/**
 * A fan-out on a fake clock, with everything shared in memory and the test in the upstream's place. A
 * second one `beside` it is another instance of the same gateway.
 */
export class OpenFanout {
  readonly clock: FakeClock;
  readonly cluster: MemoryCluster;
  readonly journal: ScriptedJournal;
  readonly instances: PartitionedInstances;
  readonly leases: PartitionedLeases;
  readonly board: PartitionedBoard;
  readonly http: ScriptedUpstreamHttp;
  readonly upstream: UpstreamSessions;
  readonly bearers = new NumberedBearers();
  readonly bayeux = new FakeBayeuxSessions();
  readonly events = new RecordedEvents();
  readonly fanout: Fanout;

  constructor(window = WINDOW, beside?: OpenFanout) {
    this.clock = beside?.clock ?? new FakeClock();
    this.http = beside?.http ?? new ScriptedUpstreamHttp();
    this.cluster = beside?.cluster ?? new MemoryCluster(this.clock);
    const { clock, http, bearers, bayeux, events, cluster } = this;
    const self = asInstanceId(`instance-${nextInstance}`);
    nextInstance += 1;
    this.instances = new PartitionedInstances(self, cluster);
    void this.instances.start();
    this.leases = new PartitionedLeases(this.instances);
    this.board = new PartitionedBoard(this.leases, this.instances);
    this.journal = beside?.journal ?? new ScriptedJournal(new MemoryJournal(window, clock, this.leases));
    const options = { apiUrl: 'https://engage.example', timeoutMs: 30_000 };
    // Its own state is shared in a way of its own, which is not of interest here.
    this.upstream =
      beside?.upstream ??
      new UpstreamSessions(testProfile, bearers, http, clock, new QuietUpstream(), options, alone(clock));
    const { journal, instances, leases, board, upstream } = this;
    const shared = { journal, instances, leases, board };
    const fanoutOptions = { lingerMs: LINGER_MS, handsOver: true };
    this.fanout = new Fanout(testProfile, shared, upstream, bayeux, clock, events, fanoutOptions);
  }

  /** Another instance of the same gateway. */
  second(): OpenFanout {
    return new OpenFanout(WINDOW, this);
  }

  /** Out of reach of the others, for long enough to notice. */
  async cutOff(): Promise<void> {
    this.instances.isCutOff = true;
    this.fanout.start();
    await this.clock.elapse(1_000);
  }

  /** By default anna, on the one channel of `news`. */
  async attach(
    how: {
      readonly user?: SessionUser;
      readonly after?: string | undefined;
      readonly channels?: readonly ChannelRequest[] | undefined;
      readonly sink?: RecordingSink;
    } = {},
  ): Promise<AttachedSink> {
    const sink = how.sink ?? new RecordingSink();
    const request = { user: anna, channels: NEWS, ...how, sink };
    const client = await this.fanout.attach(request);
    await this.settle();
    return Object.assign(client, { sink });
  }

  /** Attaches, and connects the Bayeux session with `news`. */
  async attachConnected(how: Parameters<OpenFanout['attach']>[0] = {}): Promise<AttachedSink> {
    const client = await this.attach(how);
    await this.bayeux.last('news').connect();
    return client;
  }

  /** Lets promises settle; no time passes. */
  settle(): Promise<void> {
    return this.clock.elapse(0);
  }
}
