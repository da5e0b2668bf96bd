/** Enough for any test; the oldest go first. */
const MAX_PER_USER = 20_000;

/** Every token, code, cookie and CometD client id handed out, so that tests can look for leaks. */
export class Secrets {
  readonly #byUser = new Map<string, Set<string>>();

  add(user: string, secret: string): string {
    const known = this.#byUser.get(user) ?? new Set();
    this.#byUser.set(user, known.add(secret));
    if (known.size > MAX_PER_USER) known.delete(firstOf(known));
    return secret;
  }

  of(user: string): string[] {
    return [...(this.#byUser.get(user) ?? [])];
  }
}

function firstOf(values: Set<string>): string {
  const [first = ''] = values;
  return first;
}
