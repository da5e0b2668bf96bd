import { type Clock, type GatewayError } from '@gw/kernel';
import {
  isScarce,
  type LimitsEvents,
  rateFields,
  rateLimited,
  type RateLevels,
  RateLimiter,
  type RateUse,
} from '@gw/limits';
import { type FastifyReply } from 'fastify';
import { isRateName, type RateName, type Rates } from './rates.js';

/** The limits of this gateway, by name. */
export class RateLimits {
  readonly #limiters = new Map<RateName, RateLimiter>();

  constructor(rates: Rates, levels: RateLevels, clock: Clock, events: LimitsEvents) {
    for (const [name, rate] of Object.entries(rates)) {
      if (rate && isRateName(name))
        this.#limiters.set(name, new RateLimiter(name, rate, levels, clock, events));
    }
  }

  /** `key`: whose use it is. Undefined where nothing is limited. */
  use(name: RateName, key: string): RateUse | undefined {
    return this.#limiters.get(name)?.use(key);
  }

  /** The same for a request: tells the client how it stands, where that matters, and returns why it must wait. */
  refusalOf(name: RateName, key: string, reply: FastifyReply): GatewayError | undefined {
    const use = this.use(name, key);
    if (!use || (use.isAllowed && !isScarce(use))) return undefined;
    void reply.headers(rateFields(use));
    return use.isAllowed ? undefined : rateLimited();
  }
}
