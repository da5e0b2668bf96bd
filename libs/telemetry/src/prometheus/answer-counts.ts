import { Counter, type Registry } from 'prom-client';

/**
 * Counts answers by their subject and status. For what happens at each request: a counter of prom-client's own makes,
 * checks and joins labels at each count, this one when somebody looks.
 */
export class AnswerCounts {
  readonly #counts = new Map<string, Map<number, number>>();

  constructor(name: string, help: string, subject: string, registry: Registry) {
    const counts = this.#counts;
    new Counter({
      name,
      help,
      labelNames: [subject, 'status'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [its, byStatus] of counts)
          for (const [status, count] of byStatus) this.inc({ [subject]: its, status }, count);
      },
    });
  }

  /** `subject`: one of few. */
  count(subject: string, status: number): void {
    let byStatus = this.#counts.get(subject);
    if (!byStatus) this.#counts.set(subject, (byStatus = new Map<number, number>()));
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
  }
}
