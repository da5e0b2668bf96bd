import { z } from 'zod';
import { VERSION } from '../version.js';
import { eventSchemas } from './event-schemas.js';

const named = Object.entries(eventSchemas);

/** AsyncAPI 3 of what the server sends over Socket.IO, and as event types of `/notifications/stream`. */
export const asyncApi = {
  asyncapi: '3.0.0',
  info: { title: 'Engage gateway: notifications', version: VERSION },
  channels: {
    notifications: {
      address: '/socket.io',
      description: 'Socket.IO, default namespace, WebSocket only',
      messages: Object.fromEntries(named.map(([name]) => [name, { $ref: `#/components/messages/${name}` }])),
    },
  },
  operations: {
    follow: {
      action: 'send',
      channel: { $ref: '#/channels/notifications' },
      messages: named.map(([name]) => ({ $ref: `#/channels/notifications/messages/${name}` })),
    },
  },
  components: {
    messages: Object.fromEntries(
      named.map(([name, schema]) => [name, { name, payload: z.toJSONSchema(schema, { io: 'input' }) }]),
    ),
  },
};
