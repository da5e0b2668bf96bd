import { type Dispatcher } from 'undici';
import { type Done, type Exchange, type Ready } from './exchange.js';

const DEPARTURE = Symbol('departure');

/** An exchange and what it begins with. */
export interface Departure {
  readonly exchange: Exchange;
  readonly ready: Ready;
}

/**
 * Hands a departure to the dispatcher through reply-from, in the headers: it copies those it is given, with
 * symbols. Were it ever to stop, requests would fail rather than be taken for one another.
 */
export function carrying(departure: Departure): { readonly [DEPARTURE]: Departure } {
  return { [DEPARTURE]: departure };
}

/** What reply-from asks for answers. The exchange knows origin, path, headers and body better than it. */
export const exchangeDispatcher = { request: depart as Dispatcher['request'] };

/** Only the form with a callback: it is the one that reply-from calls. */
function depart(options: Dispatcher.RequestOptions, callback: Done): void {
  const departure = (options.headers as { readonly [DEPARTURE]?: Departure })[DEPARTURE];
  if (!departure) throw new Error('Only requests with an exchange can be sent');
  departure.exchange.start(departure.ready, callback);
}
