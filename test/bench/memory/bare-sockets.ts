// Process: a Socket.IO server that does nothing.
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { ready, serve } from '../measuring/serve.js';

const server = createServer();
const io = new Server(server, { transports: ['websocket'] });
io.on('connection', (socket) => socket.emit('ready', { apis: {} }));

server.listen(0, '127.0.0.1', () => {
  serve({});
  ready(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
