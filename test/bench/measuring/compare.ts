import { median, type Range, rangeOf } from './distribution.js';
import { type Sample } from './rounds.js';

type Figure<R> = (result: R) => number;

export const medianOf = <R>(samples: readonly Sample<R>[], figure: Figure<R>): number =>
  median(samples.map(({ result }) => figure(result)));

/** Of the samples of the same round each, so that what disturbs a whole round disturbs no ratio. */
export function ratioOf<R>(
  ours: readonly Sample<R>[],
  theirs: readonly Sample<R>[],
  figure: Figure<R>,
): Range {
  const ratios = ours.map(({ result }, round) => {
    const other = theirs[round];
    return other ? figure(result) / figure(other.result) : Number.NaN;
  });
  return rangeOf(ratios);
}
