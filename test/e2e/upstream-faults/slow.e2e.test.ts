import { eventually } from '@gw/kernel/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { Listener } from '../../support/listener.js';
import { type Stack, startStack } from '../../support/stack.js';
import { Story, VOICE } from '../../support/story.js';

const API = 'workspace';
const PATIENCE_MS = 50_000;
/** Beyond what the server may hold a poll, the gateway waits ten seconds. */
const HELD_MS = 12_000;

/** Each waits for a deadline of ten seconds or more; so all do at once. */
describe('What a person is told when the platform is slow:', { concurrent: true }, () => {
  let patient: Stack;
  let hasty: Stack;
  beforeAll(async () => {
    patient = await startStack({
      simulator: { extraAgents: 9, bayeuxTimeoutMs: HELD_MS, bayeuxMaxIntervalMs: 60_000 },
    });
    hasty = await startStack({
      simulator: { extraAgents: 9, bayeuxTimeoutMs: 1_000, bayeuxMaxIntervalMs: 60_000 },
    });
  });
  afterAll(async () => {
    await patient.close();
    await hasty.close();
  });

  const listen = async (stack: Stack, userName: string) => {
    const person = await stack.signIn(userName);
    return new Listener({ person, api: API, channel: VOICE, addresses: [stack.url] });
  };

  it('a poll that is held for longer than ten seconds, as it was advised: nothing', async ({ expect }) => {
    const listener = await listen(patient, 'user1');
    await listener.connected();
    const { control } = patient.simulator;
    const { connects } = control.seen('user1').apis.workspace;
    const told = listener.states.length;
    await eventually(
      () => expect(control.seen('user1').apis.workspace.connects).toBeGreaterThan(connects + 1),
      PATIENCE_MS,
    );
    control.publish('user1', API, VOICE, 1);
    await eventually(() => expect(listener.heard).toEqual([1]));
    expect(listener.states).toHaveLength(told);
    listener.close();
  });

  it('a poll that is never answered: an interruption when its time is over, and nothing lost', async ({
    expect,
  }) => {
    const story = await Story.begin(hasty, 'user2');
    await story.strike({ on: 'connect', kind: 'hang' });
    const expected = { gaps: 0, states: ['interrupted: upstream_timeout', 'connected'], handshakes: 0 };
    expect(await story.end(expected)).toEqual({ faults: [], ...expected });
  });

  it('a poll that is answered when nobody waits any more: the same', async ({ expect }) => {
    const story = await Story.begin(hasty, 'user3');
    await story.strike({ on: 'connect', kind: 'delay', delayMs: HELD_MS });
    const expected = { gaps: 0, states: ['interrupted: upstream_timeout', 'connected'], handshakes: 0 };
    expect(await story.end(expected)).toEqual({ faults: [], ...expected });
  });

  it('polls that are answered late, in time: notifications as late, and nothing else', async ({ expect }) => {
    const story = await Story.begin(hasty, 'user4');
    await story.strike({ on: 'connect', kind: 'delay', delayMs: 1_500, times: 3 });
    const expected = { gaps: 0, states: [], handshakes: 0 };
    expect(await story.end(expected)).toEqual({ faults: [], ...expected });
  });

  it.for([
    ['handshake', 'user5', ['interrupted: upstream_timeout', 'connected']],
    ['subscribe', 'user6', ['connected']],
  ] as const)('a %s that is never answered: it is made again', async ([on, user, states], { expect }) => {
    hasty.simulator.control.faults.add({ user, api: API, on, kind: 'hang' });
    const listener = await listen(hasty, user);
    await eventually(() => expect(listener.states).toEqual(states), PATIENCE_MS);
    expect(hasty.simulator.control.publish(user, API, VOICE, 1)).toBe(1);
    await eventually(() => expect(listener.heard).toEqual([1]));
    listener.close();
  });
});
