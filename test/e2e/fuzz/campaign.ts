import { Mutator } from '../../support/mutator.js';

/** How many inputs there are in all, and what they come from; `npm run test:fuzz` sets both. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 2_000);
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_127);

/** Of all inputs, how many are of each kind. */
const SHARES = { requests: 0.3, cookies: 0.2, frames: 0.2, replies: 0.15, profiles: 0.15 } as const;
type Kind = keyof typeof SHARES;

const SECONDS_PER_1000 = 60;

export interface Campaign {
  readonly runs: number;
  readonly mutator: Mutator;
  readonly timeoutMs: number;
}

export function campaign(kind: Kind): Campaign {
  const runs = Math.ceil(RUNS * SHARES[kind]);
  const seed = SEED + Object.keys(SHARES).indexOf(kind);
  return { runs, mutator: new Mutator(seed), timeoutMs: 60_000 + runs * SECONDS_PER_1000 };
}

/** Calls `act` with each number, a few at a time, so that the order of the inputs depends on the seed alone. */
export async function inParallel(
  runs: number,
  width: number,
  act: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < runs) {
      next += 1;
      await act(next - 1);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** An input and what went wrong with it, so that it can be tried again. */
export const finding = (what: string, input: string): string =>
  `${what}: ${JSON.stringify(input)} (seed ${SEED})`;

/** Unhandled rejections of this process, from now on. */
export function watchRejections(): { readonly seen: unknown[]; stop(): void } {
  const seen: unknown[] = [];
  const listen = (reason: unknown) => void seen.push(reason);
  process.on('unhandledRejection', listen);
  return { seen, stop: () => void process.off('unhandledRejection', listen) };
}
