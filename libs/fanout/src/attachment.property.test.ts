import { asApiName, asUserId } from '@gw/kernel';
import { type JournalEntry, type NewEntry, parseCursor } from '@gw/journal';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anna, type AttachedSink, OpenFanout, RecordingSink, type SentEvent } from './testing/index.js';

const ANNA = asUserId('anna');
const news = asApiName('news');
const desk = asApiName('desk');

/** A window so short that slow readers fall out of it. */
const WINDOW = { maxLength: 12, ttlMs: 600_000 };

const CHOICES = [
  [{ api: 'news', channel: '/news/a' }],
  [{ api: 'news', channel: '/news/*' }],
  [
    { api: 'news', channel: '/news/b' },
    { api: 'desk', channel: '/desk/**' },
  ],
];

const entry = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('/news/a', '/news/b', '/desk/a') },
  { weight: 1, arbitrary: fc.constantFrom('loss', 'session-start') },
);

type Step = (
  | { readonly do: 'append'; readonly entries: readonly string[] }
  | {
      readonly do: 'attach';
      readonly after: number | undefined;
      readonly choice: number;
      readonly capacity: number;
    }
  | { readonly do: 'detach' | 'drain'; readonly client: number }
) & {
  /** Microtasks until the next step: steps fall between any two lines of the code. */
  readonly then: number;
};

const then = fc.nat({ max: 6 });
const client = fc.nat({ max: 20 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      entries: fc.array(entry, { minLength: 1, maxLength: 4 }),
      then,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('attach' as const),
      after: fc.option(fc.nat({ max: 10 }), { nil: undefined }),
      choice: fc.nat({ max: CHOICES.length - 1 }),
      capacity: fc.constantFrom(Infinity, Infinity, 1, 3),
      then,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('detach' as const), client, then }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('drain' as const), client, then }) },
);

/** One run: the steps, one after the other, while reads take as many microtasks as `delays` say. */
class Run {
  readonly gateway = new OpenFanout(WINDOW);
  readonly history: JournalEntry[] = [];
  readonly attached: (AttachedSink & { readonly after: number | undefined; readonly choice: number })[] = [];
  readonly gone = new Set<AttachedSink>();
  readonly #attaching: Promise<void>[] = [];
  #reads = 0;

  constructor(delays: readonly number[]) {
    const { journal } = this.gateway;
    const wait = () => ticks(delays[this.#reads++ % delays.length] ?? 0);
    journal.beforeRead = wait;
    journal.afterRead = wait;
    void journal.listen(ANNA, (entries) => this.history.push(...entries));
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const each of steps) {
      this.#take(each);
      await ticks(each.then);
    }
    await this.#finish();
  }

  #take(step: Step): void {
    const { journal } = this.gateway;
    switch (step.do) {
      case 'append':
        void journal.append(
          ANNA,
          step.entries.map((what, n) => newEntry(what, n)),
        );
        return;
      case 'attach':
        this.#attaching.push(this.#attach(step.after, step.choice, step.capacity));
        return;
      case 'drain':
        this.attached[step.client % this.attached.length]?.sink.drain();
        return;
      case 'detach':
        this.#detach(this.attached[step.client % this.attached.length]);
    }
  }

  async #attach(back: number | undefined, choice: number, capacity: number): Promise<void> {
    const { journal, fanout } = this.gateway;
    const { head } = await journal.read(ANNA, undefined);
    const sequence = back === undefined ? undefined : Math.max(head.sequence - back, 0);
    const after = sequence === undefined ? undefined : `${head.epoch}.${sequence}`;
    const sink = new RecordingSink();
    sink.capacity = capacity;
    const handle = await fanout.attach({ user: anna, after, channels: CHOICES[choice], sink });
    this.attached.push(Object.assign(handle, { sink, after: sequence, choice }));
  }

  #detach(client: AttachedSink | undefined): void {
    if (!client) return;
    client.detach();
    this.gone.add(client);
  }

  /** Everybody takes what waits, until nothing comes any more. */
  async #finish(): Promise<void> {
    await Promise.all(this.#attaching);
    for (const { sink } of this.attached) sink.capacity = Infinity;
    for (let round = 0; round < 3; round += 1) {
      for (const { sink } of this.attached) sink.drain();
      await this.gateway.settle();
    }
  }
}

async function ticks(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await Promise.resolve();
}

function newEntry(what: string, data: number): NewEntry {
  if (what === 'loss' || what === 'session-start') return { kind: what, api: news };
  const api = what.startsWith('/desk') ? desk : news;
  return { kind: 'notification', api, channel: what, data, receivedAt: 0 };
}

const WANTS: readonly ((entry: JournalEntry) => boolean)[] = [
  (entry) => entry.api === news && (entry.kind === 'gap' || entry.channel === '/news/a'),
  (entry) => entry.api === news,
  (entry) => entry.api === desk || entry.kind === 'gap' || entry.channel === '/news/b',
];

/**
 * What the client was given from `ready` on, against what the journal held: in order, nothing twice, and
 * nothing of its channels left out unless a gap came first.
 */
function check(run: Run, { sink, after, choice }: Run['attached'][number]): void {
  const [ready, ...rest] = sink.events.filter(({ kind }) => kind !== 'upstream');
  if (ready?.kind !== 'ready') throw new Error('ready was not first');
  const start = sequenceOf(ready.cursor);
  if (ready.recovered) expect(start).toBe(after);
  const wanted = run.history.filter((entry) => WANTS[choice]?.(entry));
  let position = start;
  for (const [index, event] of rest.entries()) {
    // Of a series of gaps, one for each API, only the last moves the client on.
    if (event.kind === 'gap' && event.reason !== 'upstream' && isGap(rest[index + 1], event.reason)) continue;
    const sequence = sequenceOf(event.kind === 'upstream' ? '' : event.cursor);
    const next = wanted.find((entry) => entry.position.sequence > position)?.position.sequence;
    if (event.kind === 'notification') expect(sequence).toBe(next);
    else if (event.kind !== 'gap') throw new Error(`unexpected ${event.kind}`);
    else if (event.reason !== 'upstream') expect(sequence).toBeGreaterThanOrEqual(position);
    // Right after ready it speaks of the time before; otherwise it is an entry of its own.
    else if (sequence !== start) expect(sequence).toBe(next);
    else expect(ready.recovered).toBe(false);
    position = sequence;
  }
  if (!run.gone.has(run.attached.find((each) => each.sink === sink)!)) {
    expect(wanted.filter((entry) => entry.position.sequence > position)).toEqual([]);
  }
}

/** Whenever the client was told that it had all up to a cursor, it had. */
function checkCaughtUp(run: Run, { sink, choice }: Run['attached'][number]): void {
  for (const { cursor, events } of sink.caughtUpAt) {
    const given = sink.events.slice(0, events).findLast((event) => event.kind !== 'upstream');
    const position = given?.kind === undefined ? -1 : sequenceOf(given.cursor);
    const left = run.history.filter(
      (entry) =>
        WANTS[choice]?.(entry) &&
        entry.position.sequence > position &&
        entry.position.sequence <= sequenceOf(cursor),
    );
    expect(left).toEqual([]);
  }
}

const isGap = (event: SentEvent | undefined, reason: string): boolean =>
  event?.kind === 'gap' && event.reason === reason;

function sequenceOf(cursor: string): number {
  const position = parseCursor(cursor);
  if (!position) throw new Error('no cursor');
  return position.sequence;
}

describe('whatever happens at the same time', () => {
  it('each client gets all of its channels in order, each once, or a gap before anything newer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 40 }),
        fc.array(fc.nat({ max: 8 }), { minLength: 1, maxLength: 10 }),
        async (steps, delays) => {
          const run = new Run(delays);
          await run.play(steps);
          for (const client of run.attached) {
            check(run, client);
            checkCaughtUp(run, client);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
