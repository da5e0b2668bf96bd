import { eventually } from '@gw/kernel/testing';
import { describe, expect, it } from 'vitest';
import { ListeningAgent } from '../testing/listening-agent.js';
import { simulators } from '../testing/simulator.js';

const start = simulators();

describe('a chat', () => {
  it('invites, is accepted, goes back and forth, and is completed', async () => {
    const simulator = await start();
    const anna = await ListeningAgent.at(simulator, 'anna');
    const id = simulator.control.inboundChat({ to: 'anna', nickname: 'Jörg', text: 'Grüß Gott 👋' });
    const state = (wanted: object) =>
      eventually(() =>
        expect(anna.require('InteractionStateChanged')).toMatchObject({ interaction: wanted }),
      );
    await state({ id, state: 'Invited', mediatype: 'chat', capabilities: ['accept', 'reject'] });

    await anna.command(`media/chat/interactions/${id}/accept`, { nickname: 'Anna' }, 'op-1');
    await state({ id, state: 'Processing' });
    expect(anna.require('InteractionStateChanged').operationId).toBe('op-1');
    await eventually(() => {
      expect(anna.require('MessageLogUpdated')).toMatchObject({
        id,
        messages: [
          { type: 'ParticipantJoined', index: 1, from: { type: 'Customer', nickname: 'Jörg' } },
          { type: 'Text', index: 2, text: 'Grüß Gott 👋' },
          { type: 'ParticipantJoined', index: 3, from: { type: 'Agent', nickname: 'Anna' } },
        ],
      });
    });

    await anna.command(`media/chat/interactions/${id}/send-message`, { message: 'Hello' });
    await eventually(() =>
      expect(anna.require('MessageLogUpdated')).toMatchObject({ messages: [{ text: 'Hello' }] }),
    );
    simulator.control.customerSays(id, 'Danke');
    await eventually(() =>
      expect(anna.require('MessageLogUpdated')).toMatchObject({ messages: [{ text: 'Danke' }] }),
    );
    expect((await anna.http.get(`/workspace/v3/media/chat/interactions/${id}/messages`)).json).toMatchObject({
      data: { messages: { length: 5 } },
    });

    await anna.command(`media/chat/interactions/${id}/complete`);
    await state({ id, state: 'Completed' });
    await anna.leave();
  });

  it('of another agent is out of reach', async () => {
    const simulator = await start();
    const anna = await ListeningAgent.at(simulator, 'anna');
    const id = simulator.control.inboundChat({ to: 'bela', nickname: 'Jo', text: 'Hi' });
    await anna.command(`media/chat/interactions/${id}/accept`, undefined, 'op-1');
    await eventually(() => expect(anna.require('EventError')).toMatchObject({ operationId: 'op-1' }));
    expect((await anna.http.get(`/workspace/v3/media/chat/interactions/${id}/messages`)).status).toBe(404);
    await anna.leave();
  });
});
