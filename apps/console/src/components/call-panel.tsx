import { useState } from 'preact/hooks';
import type { Call } from '../calls.js';
import type { Controller } from '../controller.js';
import { CallCard } from './call-card.js';

interface CallPanelProps {
  calls: readonly Call[];
  running: readonly string[];
  controller: Controller;
}

export function CallPanel({ calls, running, controller }: CallPanelProps) {
  return (
    <section class="panel" aria-labelledby="calls-heading">
      <div class="panel-head">
        <h2 id="calls-heading">Calls</h2>
      </div>
      <DialForm busy={running.includes('call')} onDial={(number) => void controller.makeCall(number)} />
      {calls.length === 0 && <p class="quiet">No calls.</p>}
      <ul class="calls">
        {calls.map((call) => (
          <CallCard key={call.id} call={call} running={running} controller={controller} />
        ))}
      </ul>
    </section>
  );
}

function DialForm({ busy, onDial }: { busy: boolean; onDial: (destination: string) => void }) {
  const [destination, setDestination] = useState('');
  return (
    <form
      class="dial"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && destination.trim() !== '') onDial(destination.trim());
      }}
    >
      <label for="destination">Destination</label>
      <input
        id="destination"
        data-testid="destination"
        type="tel"
        autocomplete="off"
        required
        placeholder="5002 or +15551234567"
        value={destination}
        onInput={(event) => setDestination(event.currentTarget.value)}
      />
      <button type="submit" class="button primary" data-testid="call" aria-busy={busy} aria-disabled={busy}>
        Call
      </button>
    </form>
  );
}
