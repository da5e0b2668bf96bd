interface Spread {
  /** How many were within each bound and beyond the one before it; the last: beyond all. */
  readonly counts: number[];
  sumS: number;
}

/** Bounds in seconds, ascending. */
export interface DurationsOptions {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  readonly boundsS: readonly number[];
}

/**
 * A histogram with one label, for what happens at each request; as `AnswerCounts`, it does its work when somebody looks.
 * prom-client's own cannot be filled from outside, so this one writes itself.
 */
export class Durations {
  readonly #spreads = new Map<string, Spread>();

  constructor(private readonly options: DurationsOptions) {}

  /** `subject`: one of few, and a plain word. */
  took(subject: string, seconds: number): void {
    const { boundsS } = this.options;
    const spread = this.#spreads.get(subject) ?? this.#begin(subject);
    let at = 0;
    while (at < boundsS.length && seconds > (boundsS[at] ?? Infinity)) at += 1;
    spread.counts[at] = (spread.counts[at] ?? 0) + 1;
    spread.sumS += seconds;
  }

  /** In the text format of Prometheus. */
  text(): string {
    const { name, help } = this.options;
    const lines = [...this.#spreads].flatMap(([subject, spread]) => this.#linesOf(subject, spread));
    return [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...lines, ''].join('\n');
  }

  #begin(subject: string): Spread {
    const spread = { counts: Array<number>(this.options.boundsS.length + 1).fill(0), sumS: 0 };
    this.#spreads.set(subject, spread);
    return spread;
  }

  #linesOf(subject: string, { counts, sumS }: Spread): string[] {
    const { name, label, boundsS } = this.options;
    const labels = `${label}="${subject}"`;
    let within = 0;
    const buckets = counts.map((count, at) => {
      within += count;
      return `${name}_bucket{le="${boundsS[at] ?? '+Inf'}",${labels}} ${within}`;
    });
    return [...buckets, `${name}_sum{${labels}} ${sumS}`, `${name}_count{${labels}} ${within}`];
  }
}
