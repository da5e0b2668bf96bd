import { type SessionId } from '@gw/kernel';
import { eventually } from '@gw/kernel/testing';
import { newSessionId } from '@gw/sessions';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DeviceSockets } from '../device-sockets.js';

export interface DeviceSocketsHarness {
  /** Two instances on one state. */
  readonly instances: readonly [DeviceSockets, DeviceSockets];
  /** Lets `ms` milliseconds pass: a fake clock for memory, real waiting elsewhere. */
  readonly elapse: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const LONG_MS = 60_000;

/** What every DeviceSockets promises; `open` gives an empty one. */
export function deviceSocketsContract(name: string, open: () => Promise<DeviceSocketsHarness>): void {
  describe(`DeviceSockets (${name})`, () => {
    let harness: DeviceSocketsHarness;
    let here: DeviceSockets;
    let there: DeviceSockets;

    beforeEach(async () => {
      harness = await open();
      [here, there] = harness.instances;
    });
    afterEach(() => harness.close());

    it('numbers the sockets of each session in their order, wherever they come', async () => {
      const [session, other] = [newSessionId(), newSessionId()];
      expect(await here.claim(session, LONG_MS)).toBe(1);
      expect(await there.claim(session, LONG_MS)).toBe(2);
      expect(await here.claim(other, LONG_MS)).toBe(1);
      expect(await here.newest(session)).toBe(2);
      expect(await here.newest(newSessionId())).toBeUndefined();
    });

    it('gives no number twice to those who come at once', async () => {
      const session = newSessionId();
      const numbers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => (index % 2 ? here : there).claim(session, LONG_MS)),
      );
      expect(numbers.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    it('tells every instance of each claim, until it stops listening', async () => {
      const session = newSessionId();
      const heard: [SessionId, number][] = [];
      let isListening = false;
      const stop = there.listen({
        claimed: (of, number) => void heard.push([of, number]),
        missed: () => (isListening = true),
      });
      await eventually(async () => {
        await here.claim(session, LONG_MS);
        expect(heard.length > 0 || isListening).toBe(true);
      });
      const number = await here.claim(session, LONG_MS);
      await eventually(() => expect(heard).toContainEqual([session, number]));
      stop();
      const last = await here.claim(session, LONG_MS);
      await harness.elapse(100);
      expect(heard).not.toContainEqual([session, last]);
    });

    it('forgets a session when its time is over', async () => {
      const session = newSessionId();
      await here.claim(session, 200);
      await harness.elapse(250);
      expect(await there.newest(session)).toBeUndefined();
    });
  });
}
