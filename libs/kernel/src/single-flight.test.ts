import { describe, expect, it } from 'vitest';
import { SingleFlight } from './single-flight.js';

describe('single flight', () => {
  it('runs one task for all who ask while it runs, and a new one afterwards', async () => {
    const flights = new SingleFlight<string, number>();
    let runs = 0;
    const task = async () => (runs += 1);
    expect(
      await Promise.all([flights.run('a', task), flights.run('a', task), flights.run('a', task)]),
    ).toEqual([1, 1, 1]);
    expect(await flights.run('a', task)).toBe(2);
  });

  it('runs different keys side by side', async () => {
    const flights = new SingleFlight<string, string>();
    const results = await Promise.all(['a', 'b'].map((key) => flights.run(key, () => Promise.resolve(key))));
    expect(results).toEqual(['a', 'b']);
  });

  it('fails all who wait, and remembers no failure', async () => {
    const flights = new SingleFlight<string, string>();
    const failing = () => Promise.reject(new Error('down'));
    const both = await Promise.allSettled([flights.run('a', failing), flights.run('a', failing)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await flights.run('a', () => Promise.resolve('up'))).toBe('up');
  });

  it('may be asked again from what waits for it', async () => {
    const flights = new SingleFlight<string, number>();
    let runs = 0;
    const task = async () => (runs += 1);
    expect(await flights.run('a', task).then(() => flights.run('a', task))).toBe(2);
  });
});
