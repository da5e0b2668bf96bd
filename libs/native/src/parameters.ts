/** More than any request of ours needs. */
const MAX_PARAMETERS = 32;

/**
 * The parameters of a request, from a query or a form (RFC 6749 §3.1, §3.2, Appendix B): without a value
 * they count as absent, and one that comes twice spoils the request.
 */
export class Parameters {
  readonly #values = new Map<string, string>();
  readonly #repeated = new Set<string>();
  readonly #areTooMany: boolean;

  /** @param text `application/x-www-form-urlencoded`; untrusted. */
  constructor(text: string) {
    let count = 0;
    for (const [name, value] of new URLSearchParams(text)) {
      count += 1;
      if (count > MAX_PARAMETERS) break;
      if (this.#values.has(name)) this.#repeated.add(name);
      else this.#values.set(name, value);
    }
    this.#areTooMany = count > MAX_PARAMETERS;
  }

  /** Undefined where the parameter is absent, empty or repeated. */
  get(name: string): string | undefined {
    const value = this.#repeated.has(name) ? undefined : this.#values.get(name);
    return value === '' ? undefined : value;
  }

  /** Why the request as a whole must be refused, if so. */
  get problem(): string | undefined {
    if (this.#areTooMany) return 'There are too many parameters';
    return this.#repeated.size > 0 ? 'A parameter comes more than once' : undefined;
  }
}
