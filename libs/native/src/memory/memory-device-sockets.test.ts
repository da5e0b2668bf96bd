import { FakeClock } from '@gw/kernel/testing';
import { deviceSocketsContract } from '../testing/index.js';
import { MemoryDeviceSockets } from './memory-device-sockets.js';

deviceSocketsContract('memory', () => {
  const clock = new FakeClock();
  const sockets = new MemoryDeviceSockets(clock);
  return Promise.resolve({
    instances: [sockets, sockets],
    elapse: (ms) => clock.elapse(ms),
    close: () => Promise.resolve(),
  });
});
