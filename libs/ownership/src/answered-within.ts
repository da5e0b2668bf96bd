import { type Clock } from '@gw/kernel';

/** What is answered; false when that fails or takes longer than `timeoutMs`. */
export function answeredWithin(timeoutMs: number, answer: Promise<boolean>, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const deadline = clock.schedule(() => resolve(false), timeoutMs);
    answer.then(resolve, () => resolve(false)).finally(() => deadline.cancel());
  });
}
