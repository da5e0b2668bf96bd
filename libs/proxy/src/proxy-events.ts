import { type ApiName, type UserId } from '@gw/kernel';

/** What happens in the proxy, for logs and metrics. */
export abstract class ProxyEvents {
  /** The API does not answer: its requests are refused at once until a probe is answered. */
  circuitOpened(_api: ApiName): void {}
  circuitClosed(_api: ApiName): void {}
  /** For each request, of which there may be very many. */
  refusedByCircuit(_api: ApiName): void {}
  /** For each request, of which there may be very many. */
  tooManyInFlight(_user: UserId): void {}
}
