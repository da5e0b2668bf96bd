import { type BayeuxListener, type BayeuxState, type Inbound } from '../bayeux-session.js';

/** Stores what it receives, unless told to fail. */
export class Recorder implements BayeuxListener {
  readonly stored: Inbound[] = [];
  readonly states: [BayeuxState, string | undefined][] = [];
  beforeWrite: () => Promise<void> = () => Promise.resolve();

  async receive(inbound: Inbound): Promise<void> {
    await this.beforeWrite();
    this.stored.push(inbound);
  }

  stateChanged(state: BayeuxState, reason?: string): void {
    this.states.push([state, reason]);
  }

  get data(): unknown[] {
    return this.stored.flatMap(({ messages }) => messages.map(({ data }) => data));
  }

  get state(): BayeuxState | undefined {
    return this.states.at(-1)?.[0];
  }

  get sessionStarts(): number {
    return this.stored.filter(({ sessionStart }) => sessionStart).length;
  }
}
