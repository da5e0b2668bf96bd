import { type Breach, type ClientEvent, type ClientHistory, type Published } from './user-history.js';

type NotificationHeard = Extract<ClientEvent, { kind: 'notification' }>;

/**
 * Whether one client was given what it was promised: from the moment on that it is attached and the API
 * delivers, every number once, in order, and to the end; where some are missing, a gap before anything newer.
 * A notification that comes again under the cursor it came under before is the same one, and no repetition.
 */
export function deliveryBreaches(published: readonly Published[], client: ClientHistory): Breach[] {
  const reader = new Reader(published);
  for (const event of client.events) reader.read(event);
  if (client.isAttachedAtEnd) reader.end();
  return reader.breaches;
}

class Reader {
  readonly breaches: Breach[] = [];
  readonly #places: ReadonlyMap<number, number>;
  readonly #cursors = new Map<string, number>();
  /** Place of the first number that the client must hear or be told of; undefined while it is owed nothing. */
  #owedFrom: number | undefined;
  /** Place of the newest that it heard. */
  #heard = -1;
  #wasTold = false;

  constructor(private readonly published: readonly Published[]) {
    this.#places = new Map(published.map(({ number }, place) => [number, place]));
  }

  read(event: ClientEvent): void {
    switch (event.kind) {
      case 'ready':
        if (event.isFresh) this.#beginAnew();
        if (event.isConnected) this.#owe(event.at);
        return;
      case 'state':
        if (event.isConnected) this.#owe(event.at);
        return;
      case 'gap':
        this.#gap(event.reason);
        return;
      case 'notification':
        this.#hear(event);
        return;
      case 'closed':
        return;
    }
  }

  /** Whatever a gap told: the last number was published when all was well. */
  end(): void {
    const last = this.published.at(-1);
    if (!last || this.#owedFrom === undefined) return;
    const expected = Math.max(this.#heard + 1, this.#owedFrom);
    if (expected >= this.published.length) return;
    const first = this.#numberAt(expected);
    this.#breach('silent', `${first} to ${last.number} never came`, first, last.number);
  }

  #beginAnew(): void {
    this.#owedFrom = undefined;
    this.#heard = -1;
    this.#wasTold = false;
    this.#cursors.clear();
  }

  #owe(at: number): void {
    if (this.#owedFrom !== undefined) return;
    const place = this.published.findIndex((one) => one.at > at);
    this.#owedFrom = place === -1 ? this.published.length : place;
  }

  #gap(reason: string): void {
    this.#wasTold = true;
    if (reason !== 'epoch') return;
    // The journal was lost, and with it what was stored already: that may be stored again.
    this.#owedFrom = Math.max(this.#owedFrom ?? 0, this.#heard + 1);
    this.#heard = -1;
  }

  #hear({ number, cursor }: NotificationHeard): void {
    const before = this.#cursors.get(cursor);
    if (before === number) return;
    if (before !== undefined)
      this.#breach('ambiguous-cursor', `${before} and ${number} have the cursor ${cursor}`, number);
    this.#cursors.set(cursor, number);
    const place = this.#places.get(number);
    if (place === undefined) {
      this.#breach('invented', `${number} was never published`, number);
      return;
    }
    if (place <= this.#heard) this.#breach('repeated', `${number} came twice, or after a newer one`, number);
    else this.#expectNoHole(place);
    this.#owedFrom ??= place;
    this.#heard = Math.max(this.#heard, place);
    this.#wasTold = false;
  }

  #expectNoHole(place: number): void {
    if (this.#owedFrom === undefined || this.#wasTold) return;
    const expected = Math.max(this.#heard + 1, this.#owedFrom);
    if (expected >= place) return;
    const [first, last] = [this.#numberAt(expected), this.#numberAt(place - 1)];
    this.#breach('lost', `nobody told that ${first} to ${last} were lost`, first, last);
  }

  #numberAt(place: number): number {
    return this.published[place]?.number ?? NaN;
  }

  #breach(kind: Breach['kind'], what: string, first: number, last = first): void {
    this.breaches.push({ kind, what, numbers: [first, last] });
  }
}
