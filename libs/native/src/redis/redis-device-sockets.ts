import { asSessionId, type SessionId } from '@gw/kernel';
import { type Keyspace, type RedisConnections } from '@gw/redis';
import { z } from 'zod';
import { DeviceSockets, type DeviceSocketsListener } from '../device-sockets.js';
import { claimScript } from './scripts.js';

const number = z.coerce.number().int();
const message = z.object({ session: z.string().transform(asSessionId), number });

/** One channel for all sessions: an app's socket comes rarely beside what goes over it. */
export class RedisDeviceSockets extends DeviceSockets {
  readonly #channel: string;

  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: Keyspace,
  ) {
    super();
    this.#channel = keys.of('native-sockets');
  }

  override async claim(session: SessionId, ttlMs: number): Promise<number> {
    const parameters = [Math.max(1, Math.ceil(ttlMs))];
    const claimed = number.parse(
      await this.redis.run((client) => claimScript.run(client, [this.#keyOf(session)], parameters)),
    );
    const text = JSON.stringify({ session, number: claimed });
    await this.redis.run((client) => client.publish(this.#channel, text));
    return claimed;
  }

  override async newest(session: SessionId): Promise<number | undefined> {
    const text = await this.redis.run((client) => client.get(this.#keyOf(session)));
    return text === null ? undefined : number.parse(text);
  }

  override listen(listener: DeviceSocketsListener): () => void {
    return this.redis.channels.follow(this.#channel, {
      message: (text) => {
        const claim = parsed(text);
        if (claim) listener.claimed(claim.session, claim.number);
        else listener.missed();
      },
      listening: () => listener.missed(),
    });
  }

  #keyOf(session: SessionId): string {
    return this.keys.of('native-socket', session);
  }
}

/** Undefined for what another version may say. */
function parsed(text: string): z.infer<typeof message> | undefined {
  try {
    return message.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
