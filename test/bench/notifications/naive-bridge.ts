// Process: the bridge that one writes in an afternoon: Express, Socket.IO, and a CometD client for each socket.
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import express from 'express';
import { Server, type Socket } from 'socket.io';
import { ready, serve } from '../measuring/serve.js';
import { CHANNEL } from '../platform/bench-event.js';
import { connectCometd } from './cometd-client.js';

const platformUrl = process.env.PLATFORM_URL ?? '';
const server = createServer(express());
const io = new Server(server, { transports: ['websocket'] });

io.on('connection', (socket) => {
  bridge(socket).catch((error: unknown) => {
    console.error(error);
    socket.disconnect(true);
  });
});

async function bridge(socket: Socket): Promise<void> {
  const { token } = socket.handshake.auth as { token: string };
  const cometd = await connectCometd(platformUrl, token, (data) =>
    socket.emit('notification', { channel: CHANNEL, data }),
  );
  socket.once('disconnect', () => cometd.disconnect());
  socket.emit('ready', { apis: {} });
}

server.listen(0, '127.0.0.1', () => {
  serve({});
  ready(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
