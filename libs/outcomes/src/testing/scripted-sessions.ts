import { type SessionId } from '@gw/kernel';
import { type SessionWatch } from '../outcomes.js';

/** Sessions that a test ends. */
export class ScriptedSessions {
  readonly #watchers = new Set<() => void>();

  get watched(): number {
    return this.#watchers.size;
  }

  readonly watch: SessionWatch = (_session: SessionId, ended: () => void) => {
    this.#watchers.add(ended);
    return () => this.#watchers.delete(ended);
  };

  endAll(): void {
    for (const ended of [...this.#watchers]) ended();
  }
}
