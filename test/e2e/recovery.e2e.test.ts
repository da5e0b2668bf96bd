import {
  type Holding,
  Journal,
  type JournalListener,
  type Listening,
  type NewEntry,
  type Position,
  type ReadResult,
} from '@gw/journal';
import { GatewayError, type UserId } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type Stack, type StackOptions, startStack } from '../support/stack.js';

const VOICE = '/workspace/v3/voice';
const WORKSPACE_ONLY = { channels: [{ api: 'workspace', channel: VOICE }] };

/** Fails as often as it is told to. */
class UnreliableJournal extends Journal {
  failures = 0;
  failed = 0;

  constructor(private readonly journal: Journal) {
    super();
  }

  override append(user: UserId, entries: readonly NewEntry[], holding?: Holding): Promise<void> {
    if (this.failures === 0) return this.journal.append(user, entries, holding);
    this.failures -= 1;
    this.failed += 1;
    return Promise.reject(new GatewayError('journal_unavailable', 'unavailable', 'told to fail'));
  }

  override read(user: UserId, after: Position | undefined): Promise<ReadResult> {
    return this.journal.read(user, after);
  }

  override listen(user: UserId, listener: JournalListener): Promise<Listening> {
    return this.journal.listen(user, listener);
  }
}

describe('notifications, whatever happens on the way', () => {
  let stack: Stack;
  afterEach(() => stack.close());

  const open = async (options?: StackOptions) => {
    stack = await startStack(options);
  };
  const control = () => stack.simulator.control;
  const publish = (...data: unknown[]) => {
    for (const one of data) control().publish('anna', 'workspace', VOICE, one);
  };

  it('reach a client that dropped and came back with its cursor: once, in order, and then live', async () => {
    await open();
    const anna = await stack.signIn('anna');
    const first = anna.openTab(WORKSPACE_ONLY);
    await first.connected('workspace');
    publish(1, 2);
    await eventually(() => expect(first.dataOn(VOICE)).toEqual([1, 2]));
    first.close();
    publish(3, 4, 5);
    const second = anna.openTab({ ...WORKSPACE_ONLY, after: first.cursor });
    expect(await second.ready()).toMatchObject({ recovered: true, cursor: first.cursor });
    publish(6);
    await eventually(() => expect(second.dataOn(VOICE)).toEqual([3, 4, 5, 6]));
    expect(second.gaps).toEqual([]);
  });

  it('are announced as a gap to a client that comes back outside the window, and then go on live', async () => {
    await open({ environment: { JOURNAL_MAX_LENGTH: '5' } });
    const anna = await stack.signIn('anna');
    const first = anna.openTab(WORKSPACE_ONLY);
    await first.connected('workspace');
    publish(0);
    await eventually(() => expect(first.dataOn(VOICE)).toEqual([0]));
    first.close();
    const watching = anna.openTab(WORKSPACE_ONLY);
    await watching.connected('workspace');
    publish(1, 2, 3, 4, 5, 6);
    await eventually(() => expect(watching.dataOn(VOICE)).toHaveLength(6));
    const late = anna.openTab({ ...WORKSPACE_ONLY, after: first.cursor });
    expect(await late.ready()).toMatchObject({ recovered: false });
    publish(7);
    await eventually(() => expect(late.dataOn(VOICE)).toEqual([7]));
    const types = late.received.map(({ type }) => type).filter((type) => type !== 'upstream');
    expect(types).toEqual(['ready', 'gap', 'notification']);
    expect(late.gaps).toMatchObject([{ api: 'workspace', reason: 'window' }]);
  });

  it('are announced as a gap to a client that comes back after its CometD session was given up', async () => {
    await open({ environment: { UPSTREAM_LINGER_MS: '100' } });
    const anna = await stack.signIn('anna');
    const first = anna.openTab(WORKSPACE_ONLY);
    await first.connected('workspace');
    publish(1);
    await eventually(() => expect(first.dataOn(VOICE)).toEqual([1]));
    first.close();
    await eventually(() => expect(control().seen('anna').apis.workspace.sessions).toBe(0));
    const second = anna.openTab({ ...WORKSPACE_ONLY, after: first.cursor });
    expect(await second.ready()).toMatchObject({ recovered: false });
    await second.connected('workspace');
    expect(second.gaps[0]).toMatchObject({ api: 'workspace', reason: 'upstream' });
    publish(2);
    await eventually(() => expect(second.dataOn(VOICE)).toEqual([2]));
  });

  it('go on after the upstream forgot the CometD session: one handshake, a gap, then live', async () => {
    await open();
    const anna = await stack.signIn('anna');
    const tab = anna.openTab({
      channels: [
        { api: 'workspace', channel: VOICE },
        { api: 'workspace', channel: '/workspace/v3/media/*' },
      ],
    });
    await tab.connected('workspace');
    const { handshakes } = control().seen('anna').apis.workspace;
    control().forgetBayeuxSession('anna', 'workspace');
    await eventually(() => expect(tab.gaps).toMatchObject([{ api: 'workspace', reason: 'upstream' }]));
    await tab.connected('workspace');
    publish('after');
    await eventually(() => expect(tab.dataOn(VOICE)).toEqual(['after']));
    const workspace = control().seen('anna').apis.workspace;
    expect(workspace.handshakes).toBe(handshakes + 1);
    expect(workspace.subscriptions.toSorted()).toEqual([
      // The gateway's own, to know when the Workspace is ready.
      '/workspace/v3/initialization',
      '/workspace/v3/media/*',
      VOICE,
    ]);
    expect(tab.gaps).toHaveLength(1);
  });

  it('are not bought with a handshake storm when the upstream answers 402 for ever', async () => {
    await open();
    const anna = await stack.signIn('anna');
    control().faults.add({ api: 'workspace', on: 'connect', kind: 'unknown-session', times: Infinity });
    const tab = anna.openTab(WORKSPACE_ONLY);
    await tab.ready();
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const during = control().seen('anna').apis.workspace.handshakes;
    expect(during).toBeGreaterThanOrEqual(2);
    // At once, then after about 1, 2 and 4 s.
    expect(during).toBeLessThanOrEqual(5);
    control().faults.clear();
    await tab.connected('workspace');
    publish('after');
    await eventually(() => expect(tab.dataOn(VOICE)).toEqual(['after']));
  });

  it('go on after the upstream lost the HTTP session: it is initialised once, for REST and CometD alike', async () => {
    await open();
    const anna = await stack.signIn('anna');
    const tab = anna.openTab(WORKSPACE_ONLY);
    await tab.connected('workspace');
    control().forgetHttpSession('anna', 'workspace');
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => anna.request('/api/workspace/v3/current-session')),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    await eventually(() => expect(tab.gaps).toMatchObject([{ api: 'workspace', reason: 'upstream' }]));
    await tab.connected('workspace');
    publish('after');
    await eventually(() => expect(tab.dataOn(VOICE)).toEqual(['after']));
    expect(control().seen('anna').apis.workspace.sessionInits).toBe(2);
  });

  it('are not interrupted by an upstream that forbids somebody something', async () => {
    await open();
    const anna = await stack.signIn('anna');
    const tab = anna.openTab(WORKSPACE_ONLY);
    await tab.connected('workspace');
    control().faults.add({
      api: 'workspace',
      on: 'rest',
      kind: 'status',
      status: 403,
      path: '/configuration',
      times: Infinity,
    });
    expect((await anna.request('/api/workspace/v3/configuration')).status).toBe(403);
    publish('still here');
    await eventually(() => expect(tab.dataOn(VOICE)).toEqual(['still here']));
    expect(tab.gaps).toEqual([]);
    expect(control().seen('anna').apis.workspace.sessionInits).toBe(1);
  });

  it('arrive byte for byte when they are 200 KB of umlauts and emoji', async () => {
    await open();
    const anna = await stack.signIn('anna');
    const tab = anna.openTab(WORKSPACE_ONLY);
    await tab.connected('workspace');
    const texts = Array.from({ length: 12 }, (_, n) => `${n} ` + 'Grüße 👩‍💻 äöüß €𝄞 '.repeat(5_500));
    expect(Buffer.byteLength(texts[0]!)).toBeGreaterThan(200_000);
    control().publishMany('anna', 'workspace', VOICE, texts.slice(0, 6));
    publish(...texts.slice(6));
    await eventually(() => expect(tab.dataOn(VOICE)).toHaveLength(texts.length));
    expect(tab.dataOn(VOICE).every((text, index) => text === texts[index])).toBe(true);
  });

  it('are neither lost nor doubled when storing them fails once, and not acknowledged before', async () => {
    let unreliable: UnreliableJournal | undefined;
    await open({ parts: { journal: (journal) => (unreliable = new UnreliableJournal(journal)) } });
    const journal = unreliable!;
    const anna = await stack.signIn('anna');
    const tab = anna.openTab(WORKSPACE_ONLY);
    await tab.connected('workspace');
    publish('first');
    await eventually(() => expect(tab.dataOn(VOICE)).toEqual(['first']));
    const acks = () =>
      control()
        .seen('anna')
        .apis.workspace.acks.map(({ ack }) => ack);
    await eventually(() => expect(acks().length).toBeGreaterThanOrEqual(2));
    const before = acks().at(-1);
    journal.failures = 1;
    publish('second');
    await eventually(() => expect(tab.dataOn(VOICE)).toEqual(['first', 'second']));
    publish('third');
    await eventually(() => expect(tab.dataOn(VOICE)).toEqual(['first', 'second', 'third']));
    expect(journal.failed).toBe(1);
    // After the failed write the same acknowledgement came again; only then did it move on.
    expect(acks().filter((ack) => ack === before).length).toBeGreaterThanOrEqual(2);
    expect(acks()).toEqual(acks().toSorted((a, b) => a - b));
    expect(tab.gaps).toEqual([]);
    expect(control().seen('anna').apis.workspace.handshakes).toBe(1);
  });
});
