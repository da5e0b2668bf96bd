import { GatewayError } from '@gw/kernel';
import { FakeClock } from '@gw/kernel/testing';
import { type Session } from '@gw/sessions';
import { aSession } from '@gw/sessions/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DeviceSocketsListener } from './device-sockets.js';
import { MemoryDeviceSockets } from './memory/index.js';
import { NativeEvents } from './native-events.js';
import { NewestSocket } from './newest-socket.js';

/** Lets a test decide when a claim is answered, and what is heard of it. */
class Steered extends MemoryDeviceSockets {
  isDeaf = false;
  isDown = false;
  readonly #listeners = new Set<DeviceSocketsListener>();

  override claim(...claim: Parameters<MemoryDeviceSockets['claim']>): Promise<number> {
    return this.isDown ? Promise.reject(down()) : super.claim(...claim);
  }

  override listen(listener: DeviceSocketsListener): () => void {
    this.#listeners.add(listener);
    return super.listen({
      ...listener,
      claimed: (...told) => {
        if (!this.isDeaf) listener.claimed(...told);
      },
    });
  }

  tellMissed(): void {
    for (const listener of this.#listeners) listener.missed();
  }
}

const down = () => new GatewayError('state_unavailable', 'unavailable', 'down');

describe('the sockets of an app', () => {
  let clock: FakeClock;
  let sockets: Steered;
  let here: NewestSocket;
  let there: NewestSocket;
  let session: Session;
  let replaced: string[];

  beforeEach(() => {
    clock = new FakeClock();
    sockets = new Steered(clock);
    [here, there] = [1, 2].map(() => new NewestSocket(sockets, clock, new NativeEvents())) as [
      NewestSocket,
      NewestSocket,
    ];
    here.start();
    there.start();
    session = aSession(clock.now(), { client: 'phone' });
    replaced = [];
  });

  const enter = (at: NewestSocket, name: string, of = session) => at.enter(of, () => replaced.push(name));
  const settled = () => clock.elapse(0);

  it('give way to the newest, on whichever instance it comes', async () => {
    enter(here, 'first');
    await settled();
    enter(here, 'second');
    await settled();
    expect(replaced).toEqual(['first']);
    enter(there, 'third');
    await settled();
    expect(replaced).toEqual(['first', 'second']);
  });

  it('leave exactly one of those that come at once', async () => {
    for (let index = 0; index < 10; index += 1) enter(index % 2 ? here : there, `${index}`);
    await settled();
    expect(new Set(replaced).size).toBe(9);
    expect(replaced).toHaveLength(9);
  });

  it('of different sessions do not know one another', async () => {
    enter(here, 'phone');
    enter(here, 'tablet', aSession(clock.now(), { client: 'tablet' }));
    await settled();
    expect(replaced).toEqual([]);
  });

  it('that have left are not told', async () => {
    const leave = enter(here, 'first');
    await settled();
    leave();
    enter(there, 'second');
    await settled();
    expect(replaced).toEqual([]);
  });

  it('are compared when something may have been missed', async () => {
    enter(here, 'first');
    await settled();
    sockets.isDeaf = true;
    enter(there, 'second');
    await settled();
    expect(replaced).toEqual([]);
    sockets.tellMissed();
    await settled();
    expect(replaced).toEqual(['first']);
  });

  it('stay where none can be numbered, and give way to the next that can', async () => {
    sockets.isDown = true;
    enter(here, 'first');
    enter(here, 'second');
    await settled();
    expect(replaced).toEqual([]);
    sockets.isDown = false;
    enter(there, 'third');
    await settled();
    expect(replaced.toSorted()).toEqual(['first', 'second']);
  });
});
