import { setImmediate } from 'node:timers/promises';
import { type Clock } from '@gw/kernel';
import { CLOSE } from './close-code.js';
import { closeSocket } from './close-socket.js';
import { drainSlots } from './drain-slots.js';
import { type GatewaySocket } from './gateway-socket.js';
import { type SocketEvents } from './socket-events.js';

export interface DrainPace {
  /** How many may come back elsewhere in a second. */
  readonly perSecond: number;
  /** Over how much time they are spread at the most, in milliseconds. */
  readonly withinMs: number;
  /** How long after its slot a client that has not left by itself is closed, in milliseconds. */
  readonly graceMs: number;
  /** Whether they may stay until then. Not when there is nobody to go to: they come back when there is. */
  readonly waits: boolean;
}

/** Sockets that are told in one turn of the event loop. */
const TOLD_AT_ONCE = 100;

/**
 * Sends each socket away at a time of its own, and closes those that do not go. A client that ignores `drain`
 * comes back by itself a little later, so that also such clients come back one after the other.
 */
export async function drainSockets(
  sockets: readonly GatewaySocket[],
  { perSecond, withinMs, graceMs, waits }: DrainPace,
  clock: Clock,
  events: SocketEvents,
): Promise<void> {
  const drain = drainSlots(sockets.length, perSecond, withinMs);
  const startedAt = clock.now();
  if (sockets.length > 0) events.draining(sockets.length, drain.perSecond, drain.perSecond > perSecond);
  const waiting = sockets.map((socket, index) => ({ socket, slot: drain.slots[index] ?? 0 }));
  for (const [index, { socket, slot }] of waiting.entries()) {
    if (index % TOLD_AT_ONCE === TOLD_AT_ONCE - 1) await setImmediate();
    socket.emit('drain', { reconnectAfterMs: Math.max(startedAt + slot - clock.now(), 0) });
  }
  let closed = 0;
  for (const { socket, slot } of waiting) {
    const leftMs = waits ? startedAt + slot + graceMs - clock.now() : 0;
    if (await hasLeft(socket, leftMs, clock)) continue;
    closeSocket(socket, CLOSE.drain, clock);
    closed += 1;
  }
  if (closed > 0) events.drainIgnored(closed);
}

function hasLeft(socket: GatewaySocket, withinMs: number, clock: Clock): Promise<boolean> {
  if (!socket.connected || withinMs <= 0) return Promise.resolve(!socket.connected);
  return new Promise((resolve) => {
    const settle = () => {
      deadline.cancel();
      socket.off('disconnect', settle);
      resolve(!socket.connected);
    };
    const deadline = clock.schedule(settle, withinMs);
    socket.once('disconnect', settle);
  });
}
