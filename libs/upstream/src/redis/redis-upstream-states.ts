import { randomUUID } from 'node:crypto';
import { type ApiName, asApiName, asUserId, GatewayError, type Keyring, type UserId } from '@gw/kernel';
import { type Keyspace, type RedisConnections, RedisScript } from '@gw/redis';
import { z } from 'zod';
import {
  type CookieChange,
  type UpstreamStateListener,
  UpstreamStateStore,
  type UserUpstreamState,
} from '../upstream-state-store.js';

/** How long the state of a user whom nobody changes is kept, in milliseconds: as long as most work days. */
const KEPT_MS = 12 * 3_600_000;

const keptCookie = z.object({ pair: z.string(), path: z.string(), expiresAt: z.number().optional() });
const message = z.object({ user: z.string().transform(asUserId), from: z.string() });

// One hash a user: `generation <api>`, `worthless <api>`, and `cookie <origin> <key>`, sealed.

/** KEYS 1 state; ARGV 1 kept, ms; then field, value, …; an empty value removes the field. */
const setScript = new RedisScript(`
for at = 2, #ARGV, 2 do
  if ARGV[at + 1] == '' then redis.call('HDEL', KEYS[1], ARGV[at])
  else redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1]) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
`);

/** KEYS 1 state; ARGV 1 kept, ms, 2 API. Returns the new generation. */
const initialisedScript = new RedisScript(`
redis.call('HDEL', KEYS[1], 'worthless ' .. ARGV[2])
local generation = redis.call('HINCRBY', KEYS[1], 'generation ' .. ARGV[2], 1)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return generation
`);

/** KEYS 1 state; ARGV 1 kept, ms. Returns all of it: field, value, … */
const loadScript = new RedisScript(`
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return redis.call('HGETALL', KEYS[1])
`);

/** Upstream states that all instances share. */
export class RedisUpstreamStates extends UpstreamStateStore {
  /** To know our own messages by. */
  readonly #self = randomUUID();
  readonly #channel: string;

  constructor(
    private readonly redis: RedisConnections,
    private readonly keys: Keyspace,
    private readonly keyring: Keyring,
  ) {
    super();
    this.#channel = keys.of('upstream-changes');
  }

  override async load(user: UserId): Promise<UserUpstreamState> {
    const reply = await this.redis.run((client) => loadScript.run(client, [this.#keyOf(user)], [KEPT_MS]));
    const values = z.array(z.string()).parse(reply);
    const generations = new Map<ApiName, number>();
    const worthless = new Map<ApiName, number>();
    const cookies: Required<CookieChange>[] = [];
    for (let at = 0; at + 1 < values.length; at += 2) {
      const [field = '', value = ''] = values.slice(at, at + 2);
      const [kind = '', name = '', ...rest] = field.split(' ');
      if (kind === 'generation') generations.set(asApiName(name), Number(value));
      else if (kind === 'worthless') worthless.set(asApiName(name), Number(value));
      else cookies.push(...this.#opened(user, { field, origin: name, key: rest.join(' ') }, value));
    }
    return { generations, worthless, cookies };
  }

  override async keepCookies(user: UserId, changes: readonly CookieChange[]): Promise<void> {
    const fields = changes.flatMap(({ origin, key, cookie }) => {
      const field = `cookie ${origin} ${key}`;
      return [field, cookie ? this.keyring.seal(JSON.stringify(cookie), contextOf(user, field)) : ''];
    });
    await this.#set(user, fields);
  }

  override async initialised(user: UserId, api: ApiName): Promise<number> {
    const generation = await this.redis.run((client) =>
      initialisedScript.run(client, [this.#keyOf(user)], [KEPT_MS, api]),
    );
    await this.#tell(user);
    return Number(generation);
  }

  override async worthless(user: UserId, api: ApiName, generation: number): Promise<void> {
    await this.#set(user, [`worthless ${api}`, `${generation}`]);
  }

  override async remove(user: UserId): Promise<void> {
    await this.redis.run((client) => client.del(this.#keyOf(user)));
    await this.#tell(user);
  }

  override listen(listener: UpstreamStateListener): () => void {
    return this.redis.channels.follow(this.#channel, {
      message: (text) => {
        const told = parsed(text);
        if (!told) listener.missed();
        else if (told.from !== this.#self) listener.changed(told.user);
      },
      listening: () => listener.missed(),
    });
  }

  async #set(user: UserId, fields: readonly string[]): Promise<void> {
    await this.redis.run((client) => setScript.run(client, [this.#keyOf(user)], [KEPT_MS, ...fields]));
    await this.#tell(user);
  }

  async #tell(user: UserId): Promise<void> {
    const text = JSON.stringify({ user, from: this.#self });
    await this.redis.run((client) => client.publish(this.#channel, text));
  }

  /** A cookie that no key opens is one that we do not have: the upstream will set it again. */
  #opened(
    user: UserId,
    { field, origin, key }: { field: string; origin: string; key: string },
    sealed: string,
  ): Required<CookieChange>[] {
    try {
      const cookie = keptCookie.parse(JSON.parse(this.keyring.open(sealed, contextOf(user, field))));
      return [{ origin, key, cookie }];
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'sealed_unreadable') return [];
      throw error;
    }
  }

  #keyOf(user: UserId): string {
    return this.keys.ofUser(user, 'upstream');
  }
}

const contextOf = (user: UserId, field: string): string => `upstream:${user}:${field}`;

function parsed(text: string): z.infer<typeof message> | undefined {
  try {
    return message.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
