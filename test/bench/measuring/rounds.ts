import { foreignCores, withForeignCpu } from './foreign-cpu.js';
import { nowMs } from './now.js';

/** Beyond this many foreign cores a sample counts as noisy. */
const QUIET_BELOW = 0.15;
const MAX_TRIES = 3;
/** How long all the samples of one comparison together may wait for the machine to become quiet. */
const PATIENCE_MS = 90_000;
const LOOK_MS = 300;

export interface Sample<R> {
  readonly result: R;
  readonly foreignCores: number;
}

/** The samples of each candidate, in the order of the rounds. */
export type Samples<Name extends string, R> = Readonly<Record<Name, readonly Sample<R>[]>>;

/**
 * Measures all candidates once a round, in an order that turns round each time. A noisy sample is taken
 * again, a few times at most; then the quietest stands.
 */
export async function inRounds<Name extends string, R>(
  rounds: number,
  names: readonly Name[],
  measure: (name: Name) => Promise<R>,
  /** 0 takes every sample as it comes: for what does not depend on time. */
  patienceMs = PATIENCE_MS,
): Promise<Samples<Name, R>> {
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Sample<R>[]>;
  const patience = { leftMs: patienceMs };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      samples[name].push(await quietest(() => measure(name), patience));
    }
  }
  return samples;
}

export function quietShare(samples: readonly Sample<unknown>[]): string {
  return `${samples.filter(isQuiet).length}/${samples.length}`;
}

async function quietest<R>(measure: () => Promise<R>, patience: { leftMs: number }): Promise<Sample<R>> {
  let best: Sample<R> | undefined;
  for (let tries = 0; tries < MAX_TRIES && !(best && isQuiet(best)); tries += 1) {
    await untilQuiet(patience);
    const sample = await withForeignCpu(measure);
    if (!best || sample.foreignCores < best.foreignCores) best = sample;
    if (patience.leftMs <= 0) break;
  }
  if (!best) throw new Error('Nothing was measured');
  return best;
}

async function untilQuiet(patience: { leftMs: number }): Promise<void> {
  while (patience.leftMs > 0) {
    const start = nowMs();
    if ((await foreignCores(LOOK_MS)) < QUIET_BELOW) return;
    patience.leftMs -= nowMs() - start;
  }
}

const isQuiet = (sample: Sample<unknown>) => sample.foreignCores < QUIET_BELOW;
