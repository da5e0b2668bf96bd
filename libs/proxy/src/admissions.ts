import { type ApiName, type Clock, type GatewayError, type UserId } from '@gw/kernel';
import { type UpstreamProfile } from '@gw/upstream';
import { type Admitted, CircuitBreaker } from './circuit-breaker.js';
import { circuitOpen, tooManyInFlight } from './errors.js';
import { type UpstreamFailure } from './failure-window.js';
import { InFlight } from './in-flight.js';
import { type ProxyEvents } from './proxy-events.js';

/** How long a user with too many requests under way is asked to wait, in milliseconds: one of them may end any time. */
const IN_FLIGHT_RETRY_MS = 1_000;

export type AdmissionDecision =
  | { readonly kind: 'admitted'; readonly admission: Admission }
  | { readonly kind: 'refused'; readonly error: GatewayError; readonly retryAfterMs: number };

/** Which requests may go on to an upstream just now: none of a user with too many, none where nobody answers. */
export class Admissions {
  readonly #inFlight: InFlight;
  readonly #circuits: ReadonlyMap<ApiName, CircuitBreaker>;

  constructor(
    profile: UpstreamProfile,
    clock: Clock,
    maxPerUser: number,
    private readonly events: ProxyEvents,
  ) {
    this.#inFlight = new InFlight(maxPerUser);
    this.#circuits = new Map(profile.apis.map(({ name }) => [name, this.#circuitOf(name, clock)]));
  }

  /** An admission must be ended, once, when the request is over. */
  decide(user: UserId, api: ApiName): AdmissionDecision {
    const circuit = this.#circuits.get(api);
    if (!circuit) throw new Error(`No API of the profile: ${api}`);
    if (!this.#inFlight.enter(user)) {
      this.events.tooManyInFlight(user);
      return { kind: 'refused', error: tooManyInFlight(), retryAfterMs: IN_FLIGHT_RETRY_MS };
    }
    const decision = circuit.admit();
    if (decision.kind !== 'open')
      return { kind: 'admitted', admission: new Admission(user, circuit, decision, this.#inFlight) };
    this.#inFlight.leave(user);
    this.events.refusedByCircuit(api);
    return { kind: 'refused', error: circuitOpen(), retryAfterMs: decision.retryAfterMs };
  }

  #circuitOf(api: ApiName, clock: Clock): CircuitBreaker {
    return new CircuitBreaker(clock, (state) => {
      if (state === 'open') this.events.circuitOpened(api);
      else this.events.circuitClosed(api);
    });
  }
}

/** A request that was let through, and what is to be told of it. */
export class Admission {
  constructor(
    private readonly user: UserId,
    private readonly circuit: CircuitBreaker,
    private readonly admitted: Admitted,
    private readonly inFlight: InFlight,
  ) {}

  /** The upstream has begun an answer, whatever it says. */
  answered(): void {
    this.circuit.answered(this.admitted);
  }

  failed(failure: UpstreamFailure): void {
    this.circuit.failed(this.user, failure);
  }

  end(): void {
    this.inFlight.leave(this.user);
  }
}
