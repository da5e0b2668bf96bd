import { type Clock, type SessionId } from '@gw/kernel';
import { type Session } from '@gw/sessions';
import { type DeviceSockets } from './device-sockets.js';
import { type NativeEvents } from './native-events.js';

interface Held {
  readonly replaced: () => void;
  /** Undefined while it is being claimed. */
  number?: number;
}

interface Device {
  /** The highest number that is known of. */
  newest: number;
  readonly held: Set<Held>;
}

/** A socket whose number could not be had: any other one is newer. */
const UNNUMBERED = 0;
/** Sessions looked up at a time. */
const AT_ONCE = 50;

/**
 * One socket for each session of a native app: when a device comes back by a new one, the old one, which it
 * may have left behind without a word, is let go, on whichever instance it is. Sockets are numbered in the
 * order in which they came, so that of two that come at once exactly one stays. Bounded by the sockets
 * that this instance holds.
 */
export class NewestSocket {
  readonly #devices = new Map<SessionId, Device>();
  #stop: (() => void) | undefined;

  constructor(
    private readonly sockets: DeviceSockets,
    private readonly clock: Clock,
    private readonly events: NativeEvents,
  ) {}

  start(): void {
    this.#stop ??= this.sockets.listen({
      claimed: (session, number) => this.#claimed(session, number),
      missed: () => void this.#compareAll(),
    });
  }

  close(): void {
    this.#stop?.();
  }

  /** `replaced` is called at most once, when a newer socket has come. Returns how to leave. Never throws. */
  enter(session: Session, replaced: () => void): () => void {
    const device = this.#devices.get(session.id) ?? { newest: UNNUMBERED, held: new Set() };
    this.#devices.set(session.id, device);
    const held: Held = { replaced };
    device.held.add(held);
    void this.#claim(session, held);
    return () => this.#leave(session.id, device, held);
  }

  async #claim(session: Session, held: Held): Promise<void> {
    try {
      held.number = await this.sockets.claim(session.id, session.expiresAt - this.clock.now());
    } catch (error) {
      // It may serve all the same: that an old one stays beside it does no harm.
      held.number = UNNUMBERED;
      this.events.socketUnnumbered(session.user.id, error);
    }
    this.#claimed(session.id, held.number);
  }

  #claimed(session: SessionId, number: number): void {
    const device = this.#devices.get(session);
    if (!device) return;
    device.newest = Math.max(device.newest, number);
    for (const held of [...device.held]) {
      if (held.number === undefined || held.number >= device.newest) continue;
      this.#leave(session, device, held);
      held.replaced();
    }
  }

  #leave(session: SessionId, device: Device, held: Held): void {
    device.held.delete(held);
    if (device.held.size === 0 && this.#devices.get(session) === device) this.#devices.delete(session);
  }

  async #compareAll(): Promise<void> {
    const left = [...this.#devices.keys()];
    while (left.length > 0) await Promise.all(left.splice(0, AT_ONCE).map((id) => this.#compare(id)));
  }

  async #compare(session: SessionId): Promise<void> {
    // What cannot be looked up now is when the connection is there again: then claims were missed again.
    const number = await this.sockets.newest(session).catch(() => undefined);
    if (number !== undefined) this.#claimed(session, number);
  }
}
