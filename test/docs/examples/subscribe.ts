import { type Acknowledgement, type ClientToServerEvents, type ServerToClientEvents } from '@gw/contract';
import { type Socket } from 'socket.io-client';

/** `pending`: the platform has not answered yet; the gateway asks until it does. */
export async function subscribe(
  socket: Socket<ServerToClientEvents, ClientToServerEvents>,
  api: string,
  channel: string,
): Promise<'active' | 'pending'> {
  const asked = socket.timeout(15_000).emitWithAck('subscribe', { api, channel });
  const answer = (await asked) as Acknowledgement;
  if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`);
  return answer.state === 'active' ? 'active' : 'pending';
}
