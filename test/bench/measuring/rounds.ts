import { foreignCores, withForeignCpu } from './foreign-cpu.js';
import { nowMs } from './now.js';

/** Beyond this many foreign cores a sample counts as noisy. */
const QUIET_BELOW = 0.15;
const MAX_TRIES = 3;
const LOOK_MS = 300;

export interface Sample<R> {
  readonly result: R;
  readonly foreignCores: number;
}

/** The samples of each candidate, in the order of the rounds. */
export type Samples<Name extends string, R> = Readonly<Record<Name, readonly Sample<R>[]>>;

/** How long the whole benchmark may wait for the machine to become quiet, and measure again what was not. */
const patience = { leftMs: 120_000 };

/** Takes every sample as it comes, however busy the machine is. */
export function haveNoPatience(): void {
  patience.leftMs = 0;
}

/** Samples that were taken although others used the machine. */
export const disturbed = { samples: 0 };

/**
 * Measures all candidates once a round, in an order that turns round each time. A noisy sample is taken
 * again, a few times at most, as long as there is patience; then the quietest stands.
 */
export async function inRounds<Name extends string, R>(
  rounds: number,
  names: readonly Name[],
  measure: (name: Name) => Promise<R>,
  /** `as they come`: for what does not depend on time. */
  which: 'quiet' | 'as they come' = 'quiet',
): Promise<Samples<Name, R>> {
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Sample<R>[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const take = () => withForeignCpu(() => measure(name));
      samples[name].push(await (which === 'quiet' ? quietest(take) : take()));
    }
  }
  return samples;
}

export function quietShare(samples: readonly Sample<unknown>[]): string {
  return `${samples.filter(isQuiet).length}/${samples.length}`;
}

async function quietest<R>(take: () => Promise<Sample<R>>): Promise<Sample<R>> {
  await untilQuiet();
  let best = await take();
  for (let tries = 1; tries < MAX_TRIES && !isQuiet(best) && patience.leftMs > 0; tries += 1) {
    const start = nowMs();
    await untilQuiet();
    const sample = await take();
    if (sample.foreignCores < best.foreignCores) best = sample;
    patience.leftMs -= nowMs() - start;
  }
  if (!isQuiet(best)) disturbed.samples += 1;
  return best;
}

async function untilQuiet(): Promise<void> {
  while (patience.leftMs > 0) {
    const start = nowMs();
    if ((await foreignCores(LOOK_MS)) < QUIET_BELOW) return;
    patience.leftMs -= nowMs() - start;
  }
}

const isQuiet = (sample: Sample<unknown>) => sample.foreignCores < QUIET_BELOW;
