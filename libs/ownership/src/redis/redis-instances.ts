import { asInstanceId, type Clock, type InstanceId, type Timer } from '@gw/kernel';
import { type Keyspace, type RedisConnections } from '@gw/redis';
import { Instances } from '../instances.js';
import { USER_STATE_TTL_MS } from '../leases.js';
import { beatScript, LEAVING, silenceScript } from './instance-scripts.js';
import { type Heard, Membership } from './membership.js';
import { UserIndex } from './user-index.js';

export interface RedisInstancesOptions {
  /** Of this run only: a configured name, and something random. Without braces and blanks. */
  readonly self: InstanceId;
  readonly beatMs?: number;
  /** Silent for longer, an instance is dead to the others. */
  readonly deadAfterMs?: number;
}

/** Silent for longer, an instance is not kept among the dead either, in milliseconds. */
const FORGET_AFTER_MS = 3_600_000;
const KEEP_INDEX_EVERY_MS = USER_STATE_TTL_MS / 6;

/** One heartbeat is one command, and tells all there is to know of the others. */
export class RedisInstances extends Instances {
  override readonly self: InstanceId;
  readonly users: UserIndex;
  readonly #key: string;
  readonly #beatMs: number;
  readonly #deadAfterMs: number;
  readonly #membership: Membership;
  readonly #onGone = new Set<(instance: InstanceId) => void>();
  readonly #onJoined = new Set<() => void>();
  readonly #onRejoined = new Set<() => void>();
  #timer: Timer | undefined;
  #underWay: Promise<unknown> = Promise.resolve();
  /** When the last heartbeat that arrived was sent. */
  #heardAt: number | undefined;
  #hasBeaten = false;
  #indexKeptAt: number;
  #isLeaving = false;
  #closing: Promise<void> | undefined;

  constructor(
    private readonly redis: RedisConnections,
    keys: Keyspace,
    readonly clock: Clock,
    { self, beatMs = 1_000, deadAfterMs = 3_000 }: RedisInstancesOptions,
  ) {
    super();
    this.self = self;
    this.users = new UserIndex(redis, keys, self);
    this.#key = keys.of('instances');
    this.#beatMs = beatMs;
    this.#deadAfterMs = deadAfterMs;
    this.#membership = new Membership(deadAfterMs);
    this.#indexKeptAt = clock.now();
  }

  override async start(): Promise<void> {
    if (this.#heardAt !== undefined || this.#closing) return;
    this.#heardAt = this.clock.now();
    this.#hear(await this.#beat());
  }

  override close(): Promise<void> {
    this.#closing ??= this.#leave();
    return this.#closing;
  }

  override isAlive(instance: InstanceId): boolean {
    return instance === this.self || this.#membership.isAlive(instance);
  }

  override alive(): InstanceId[] {
    return [...new Set([this.self, ...this.#membership.alive])];
  }

  override async announceLeave(): Promise<void> {
    this.#isLeaving = true;
    // A heartbeat that is under way does not say so, and arms the next one.
    await this.#underWay;
    if (this.#heardAt === undefined || this.#closing) return;
    this.#timer?.cancel();
    this.#hear(await this.#beat());
  }

  override isLeaving(instance: InstanceId): boolean {
    return instance === this.self ? this.#isLeaving : this.#membership.isLeaving(instance);
  }

  override successors(): number {
    return this.#membership.lasting;
  }

  /**
   * As of this moment: for one who is about to take over what `instance` owns, which may have joined, or
   * come back, since the last heartbeat.
   *
   * @throws {GatewayError} `state_unavailable`
   */
  async isAliveNow(instance: InstanceId): Promise<boolean> {
    if (instance === this.self) return true;
    const answer = await this.redis.run((client) => silenceScript.run(client, [this.#key], [instance]));
    const silentMs = Number(answer);
    return silentMs >= 0 && silentMs <= this.#deadAfterMs;
  }

  override cutOffMs(): number {
    return this.#heardAt === undefined ? 0 : Math.max(this.clock.now() - this.#heardAt, 0);
  }

  override onGone(listener: (instance: InstanceId) => void): () => void {
    this.#onGone.add(listener);
    return () => this.#onGone.delete(listener);
  }

  override onJoined(listener: () => void): () => void {
    this.#onJoined.add(listener);
    return () => this.#onJoined.delete(listener);
  }

  override onRejoined(listener: () => void): () => void {
    this.#onRejoined.add(listener);
    return () => this.#onRejoined.delete(listener);
  }

  async #beat(): Promise<unknown> {
    const sentAt = this.clock.now();
    const answered = this.redis.run((client) =>
      beatScript.run(client, [this.#key], [this.self, FORGET_AFTER_MS, this.#isLeaving ? '1' : '']),
    );
    this.#underWay = answered.catch(() => {});
    try {
      const answer = await answered;
      this.#heardAt = sentAt;
      return answer;
    } finally {
      const tookMs = this.clock.now() - sentAt;
      this.#arm(Math.max(this.#beatMs - tookMs, this.#beatMs / 10));
    }
  }

  #arm(ms: number): void {
    if (this.#closing) return;
    this.#timer?.cancel();
    this.#timer = this.clock.schedule(() => {
      this.#beat().then(
        (answer) => this.#hear(answer),
        // The next one tries again; `cutOffMs` tells.
        () => {},
      );
      this.#keepIndex();
    }, ms);
  }

  #hear(answer: unknown): void {
    if (this.#closing) return;
    const [ownSilenceMs, all] = decoded(answer);
    const wasAway = this.#hasBeaten && (ownSilenceMs < 0 || ownSilenceMs > this.#deadAfterMs);
    this.#hasBeaten = true;
    const others = all.filter(({ instance }) => instance !== this.self);
    const known = others.filter(({ instance }) => this.#membership.isAlive(instance)).length;
    for (const instance of this.#membership.hear(others, wasAway, this.clock.now())) {
      for (const listener of [...this.#onGone]) listener(instance);
    }
    const alive = others.filter(({ instance }) => this.#membership.isAlive(instance)).length;
    if (alive > known) for (const listener of [...this.#onJoined]) listener();
    // Who is missed is looked for in the moment in which it counts as dead, not up to a heartbeat later.
    const dueMs = this.#membership.dueMs(others, this.#beatMs * 1.5);
    if (dueMs < this.#beatMs) this.#arm(dueMs);
    // Where Redis has lost the list, it has lost what we wrote besides.
    if (!wasAway) return;
    this.users.doubt();
    for (const listener of [...this.#onRejoined]) listener();
  }

  #keepIndex(): void {
    if (this.clock.now() - this.#indexKeptAt < KEEP_INDEX_EVERY_MS) return;
    this.#indexKeptAt = this.clock.now();
    this.users.keep().catch(() => {
      // There are five more occasions before it expires.
    });
  }

  async #leave(): Promise<void> {
    this.#timer?.cancel();
    if (this.#heardAt === undefined) return;
    // A heartbeat that is under way would bring us back.
    await this.#underWay;
    await this.redis
      .run((client) => client.zrem(this.#key, this.self, LEAVING + this.self))
      .catch(() => {
        // The others will find us silent.
      });
  }
}

function decoded(answer: unknown): [ownSilenceMs: number, all: Heard[]] {
  const [own, ...rest] = Array.isArray(answer) ? (answer as unknown[]) : [];
  const heard = new Map<string, number>();
  for (let at = 0; at + 1 < rest.length; at += 2) heard.set(String(rest[at]), Number(rest[at + 1]));
  const names = [...heard].filter(([name]) => !name.startsWith(LEAVING));
  const all = names.map(([name, silentMs]): Heard => {
    return { instance: asInstanceId(name), silentMs, isLeaving: heard.has(LEAVING + name) };
  });
  return [Number(own), all];
}
