import { type Clock, type Timer } from '@gw/kernel';
import { type ConnectionReport } from '@gw/ownership';

const AGAIN_MS = 1_000;

/** Puts reports on the board, one at a time: of several that wait, only the newest is worth writing. */
export class ReportWriter {
  #next: ConnectionReport | undefined;
  /** What was put last, to tell whether there is news. */
  #last: string | undefined;
  #writing = false;
  #again: Timer | undefined;
  #closed = false;

  constructor(
    private readonly write: (report: ConnectionReport) => Promise<boolean>,
    private readonly clock: Clock,
    /** The board takes no report of ours any more. */
    private readonly refused: () => void,
    /** What is on the board already. */
    shown?: ConnectionReport,
  ) {
    this.#last = shown && JSON.stringify(shown);
  }

  put(report: ConnectionReport): void {
    const text = JSON.stringify(report);
    if (text === this.#last) return;
    this.#last = text;
    this.#next = report;
    if (!this.#writing && !this.#again) void this.#run();
  }

  close(): void {
    this.#closed = true;
    this.#again?.cancel();
  }

  async #run(): Promise<void> {
    this.#writing = true;
    for (let report = this.#take(); report; report = this.#take()) {
      try {
        if (await this.write(report)) continue;
        this.#take();
        this.refused();
        break;
      } catch {
        this.#next ??= report;
        this.#retry();
        break;
      }
    }
    this.#writing = false;
  }

  #take(): ConnectionReport | undefined {
    const next = this.#closed ? undefined : this.#next;
    this.#next = undefined;
    return next;
  }

  /** The shared state is away: whoever follows sees that for themselves, and the report is not lost. */
  #retry(): void {
    if (this.#closed) return;
    this.#again = this.clock.schedule(() => {
      this.#again = undefined;
      void this.#run();
    }, AGAIN_MS);
  }
}
