/** `make` for each number from `from` up to but not including `to`, a bounded number of them at a time. */
export async function inParallel<T>(
  { from, to, atOnce = 16 }: { readonly from: number; readonly to: number; readonly atOnce?: number },
  make: (number: number) => Promise<T>,
): Promise<T[]> {
  const made: T[] = [];
  let next = from;
  const worker = async (): Promise<void> => {
    for (let number = next++; number < to; number = next++) made[number - from] = await make(number);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return made;
}
