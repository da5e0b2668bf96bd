import { type ClientToServerEvents, type HandshakeAuth, type ServerToClientEvents } from '@gw/contract';
import { io, type Socket } from 'socket.io-client';
import { type Heard } from './history.js';

export interface FollowerOptions {
  readonly url: string;
  readonly cookie: string;
  readonly channels: NonNullable<HandshakeAuth['channels']>;
  /** Whether it does what `drain` and `busy` ask for; otherwise the library alone brings it back. Default true. */
  readonly isObliging?: boolean;
}

/** When a follower was without a socket, in milliseconds of the performance clock. */
export interface Absence {
  readonly from: number;
  readonly to: number;
}

interface Refusal extends Error {
  readonly data?: { readonly code?: string; readonly retryAfterMs?: number };
}

/** A page that follows its notifications, numbers, with one socket that always comes back with its cursor. */
export class Follower {
  readonly socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  readonly heard: (number | 'gap')[] = [];
  /** Cursors of all notifications, in order. */
  readonly cursors: string[] = [];
  readonly absences: Absence[] = [];
  /** Codes and reasons with which it was refused, or its connection broke. */
  readonly ends: string[] = [];
  recovered = 0;
  notRecovered = 0;
  #cursor: string | undefined;
  #leftAt: number | undefined;
  #again: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor({ url, cookie, channels, isObliging = true }: FollowerOptions) {
    this.socket = io(url, {
      transports: ['websocket'],
      forceNew: true,
      extraHeaders: { cookie, origin: url },
      auth: (send) => send({ channels, ...(this.#cursor !== undefined && { after: this.#cursor }) }),
      ...(isObliging && { query: { understands: 'busy' } }),
    });
    this.#listen();
    this.#stay();
    if (isObliging) this.#oblige();
  }

  /** Without the repeats of a cursor, which a client drops. */
  get story(): Heard {
    const seen = new Set<string>();
    let notification = -1;
    return this.heard.filter((item) => {
      if (item === 'gap') return true;
      notification += 1;
      const cursor = this.cursors[notification] ?? '';
      return !seen.has(cursor) && seen.add(cursor);
    });
  }

  /** Notifications that came again with the same cursor. */
  get repeats(): number {
    return this.cursors.length - new Set(this.cursors).size;
  }

  /** The longest of its absences, in milliseconds. */
  get longestAbsenceMs(): number {
    return Math.max(0, ...this.absences.map(({ from, to }) => to - from));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#again);
    this.socket.disconnect();
  }

  #listen(): void {
    this.socket.on('ready', ({ cursor, recovered }) => {
      if (this.#cursor !== undefined) this[recovered ? 'recovered' : 'notRecovered'] += 1;
      this.#cursor ??= cursor;
    });
    this.socket.on('notification', ({ data, cursor }) => {
      if (typeof data !== 'number') return;
      this.heard.push(data);
      this.cursors.push(cursor);
      this.#cursor = cursor;
    });
    this.socket.on('gap', ({ cursor }) => {
      this.heard.push('gap');
      this.#cursor = cursor;
    });
  }

  #stay(): void {
    this.socket.on('connect', () => {
      if (this.#leftAt !== undefined) this.absences.push({ from: this.#leftAt, to: performance.now() });
      this.#leftAt = undefined;
    });
    this.socket.on('disconnect', (reason, details) => {
      this.#leftAt ??= performance.now();
      const frame = (details as { context?: { reason?: string } } | undefined)?.context?.reason;
      this.ends.push(frame ? `${reason}: ${frame}` : reason);
    });
    this.socket.on('connect_error', (error: Refusal) => {
      this.ends.push(error.data?.code ?? error.message);
      // After a refusal the library does not try again.
      if (!this.socket.active) this.#comeBackIn(error.data?.retryAfterMs ?? 1_000);
    });
  }

  #oblige(): void {
    this.socket.on('drain', ({ reconnectAfterMs }) => {
      this.socket.io.reconnection(false);
      this.#comeBackIn(reconnectAfterMs);
    });
  }

  #comeBackIn(ms: number): void {
    if (this.#isClosed) return;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => {
      this.socket.io.reconnection(true);
      this.socket.disconnect().connect();
    }, ms);
  }
}
