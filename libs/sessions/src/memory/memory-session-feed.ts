import { type SessionChange, SessionFeed, type SessionFeedListener } from '../session-feed.js';

/** Among the users of one store in one process. */
export class MemorySessionFeed extends SessionFeed {
  readonly #listeners = new Set<SessionFeedListener>();

  override tell(change: SessionChange): Promise<void> {
    for (const listener of [...this.#listeners]) listener.changed(change);
    return Promise.resolve();
  }

  override listen(listener: SessionFeedListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
