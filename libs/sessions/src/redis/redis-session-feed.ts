import { asSessionId } from '@gw/kernel';
import { type Keyspace, type RedisConnections } from '@gw/redis';
import { z } from 'zod';
import { type SessionChange, SessionFeed, type SessionFeedListener } from '../session-feed.js';

const id = z.string().transform(asSessionId);
const message = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ended'),
    id,
    reason: z.enum(['logout', 'idle', 'expired', 'revoked', 'upstream']),
  }),
  z.object({ kind: z.literal('changed'), id, version: z.number().int() }),
]);

/** One channel for all sessions: ends and refreshes are rare beside requests. */
export class RedisSessionFeed extends SessionFeed {
  readonly #channel: string;

  constructor(
    private readonly redis: RedisConnections,
    keys: Keyspace,
  ) {
    super();
    this.#channel = keys.of('session-changes');
  }

  override async tell(change: SessionChange): Promise<void> {
    await this.redis.run((client) => client.publish(this.#channel, JSON.stringify(change)));
  }

  override listen(listener: SessionFeedListener): () => void {
    return this.redis.channels.follow(this.#channel, {
      message: (text) => {
        const change = parsed(text);
        if (change) listener.changed(change);
        else listener.missed();
      },
      listening: () => listener.missed(),
    });
  }
}

/** Undefined for what another version may say. */
function parsed(text: string): SessionChange | undefined {
  try {
    return message.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
