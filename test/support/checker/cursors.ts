import { type Breach, type ClientEvent, type ClientHistory } from './user-history.js';

/** Over all clients of a user: equal cursors are equal notifications, and a notification is in the journal once. */
export function cursorBreaches(clients: readonly ClientHistory[]): Breach[] {
  const numbers = new Map<string, number>();
  const cursors = new Map<number, string>();
  const breaches: Breach[] = [];
  const events = clients.flatMap((client) => client.events);
  // Where a journal was lost, what was in it may come again in the next one.
  const isOneJournal = !events.some((event) => event.kind === 'gap' && event.reason === 'epoch');
  for (const { number, cursor } of events.filter(isNotification)) {
    const other = numbers.get(cursor);
    if (other === undefined) numbers.set(cursor, number);
    else if (other !== number) {
      breaches.push({
        kind: 'ambiguous-cursor',
        what: `${other} and ${number} have the cursor ${cursor}`,
      });
    }
    const place = cursors.get(number);
    if (place === undefined) cursors.set(number, cursor);
    else if (place !== cursor && isOneJournal) {
      breaches.push({ kind: 'stored-twice', what: `${number} has the cursors ${place} and ${cursor}` });
    }
  }
  return breaches;
}

function isNotification(event: ClientEvent): event is Extract<ClientEvent, { kind: 'notification' }> {
  return event.kind === 'notification';
}
