import { type Clock } from '@gw/kernel';

/**
 * What is answered, or a failure when that takes longer than `ms`. What has arrived by then is read first: an event
 * loop that stood still must not take its own delay for that of the server, and give up what only it has kept waiting.
 */
export function withinTime<T>(answer: Promise<T>, ms: number, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => void setImmediate(() => reject(new Error('no answer in time')));
    const deadline = clock.schedule(giveUp, ms);
    const ending = <A>(settle: (outcome: A) => void) => {
      return (outcome: A) => {
        deadline.cancel();
        settle(outcome);
      };
    };
    answer.then(ending(resolve), ending(reject));
  });
}
