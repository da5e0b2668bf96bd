/** What one client was given, in order: the numbers of the notifications, and where it was told of a gap. */
export type Heard = readonly (number | 'gap')[];

/**
 * Holds what a client heard against what was published for it; empty: as promised. Every number is heard
 * once and in order, unless a gap tells, before anything newer, that some were lost.
 *
 * @param published numbers, rising
 */
export function faultsIn(published: readonly number[], heard: Heard): string[] {
  const faults: string[] = [];
  let next = 0;
  let wasTold = false;
  for (const item of heard) {
    if (item === 'gap') {
      wasTold = true;
      continue;
    }
    const place = published.indexOf(item);
    if (place === -1) faults.push(`${item} was never published`);
    else if (place < next) faults.push(`${item} came twice, or after a newer one`);
    else if (place > next && !wasTold)
      faults.push(`nobody told that ${published[next]} to ${item - 1} were lost`);
    next = Math.max(next, place + 1);
    wasTold = false;
  }
  if (next < published.length && !wasTold)
    faults.push(`silence after ${published[next - 1] ?? 'the beginning'}`);
  return faults;
}
