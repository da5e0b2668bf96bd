import { type ChannelRequest, type SessionUser } from '@gw/contract';
import { FakeClock } from '@gw/kernel/testing';
import { MemoryJournal } from '@gw/journal/memory';
import { UpstreamEvents, UpstreamSessions } from '@gw/upstream';
import { NumberedBearers } from '@gw/upstream/testing';
import { type AttachedClient, Fanout } from '../fanout.js';
import { FakeBayeuxSessions } from './fake-bayeux-sessions.js';
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

class QuietUpstream extends UpstreamEvents {}

export interface AttachedSink extends AttachedClient {
  readonly sink: RecordingSink;
}

/** A fan-out on a fake clock, with a journal in memory and the test in the upstream's place. */
export class OpenFanout {
  readonly clock = new FakeClock();
  readonly http = new ScriptedUpstreamHttp();
  readonly bearers = new NumberedBearers();
  readonly bayeux = new FakeBayeuxSessions();
  readonly journal: ScriptedJournal;
  readonly upstream: UpstreamSessions;
  readonly events = new RecordedEvents();
  readonly fanout: Fanout;

  constructor(window = WINDOW) {
    const { clock, http, bearers, bayeux, events } = this;
    this.journal = new ScriptedJournal(new MemoryJournal(window, clock));
    const options = { apiUrl: 'https://engage.example', timeoutMs: 30_000 };
    this.upstream = new UpstreamSessions(testProfile, bearers, http, clock, new QuietUpstream(), options);
    this.fanout = new Fanout(testProfile, this.journal, this.upstream, bayeux, clock, events, {
      lingerMs: LINGER_MS,
    });
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
    return { ...client, sink };
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
