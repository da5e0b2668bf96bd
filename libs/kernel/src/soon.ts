/** At hand, or to be waited for. For what is asked at each request, where a promise would cost more than the answer. */
export type Soon<T> = T | Promise<T>;

/** Goes on with a value: at once if it is at hand. A failure is thrown then, otherwise it rejects. */
export function after<T, Result>(value: Soon<T>, next: (value: T) => Soon<Result>): Soon<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}
