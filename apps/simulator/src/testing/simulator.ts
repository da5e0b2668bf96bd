import { afterEach } from 'vitest';
import { type SimulatorOptions } from '../options.js';
import { startSimulator, type Simulator } from '../simulator.js';

/** `start` for the tests of one file; what a test started ends with it. */
export function simulators(): (options?: SimulatorOptions) => Promise<Simulator> {
  const started: Simulator[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((simulator) => simulator.close()));
  });
  return async (options = {}) => {
    const simulator = await startSimulator({ eventDelayMs: 10, ...options });
    started.push(simulator);
    return simulator;
  };
}
