import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { forgetHandshake } from './forget-handshake.js';
import { type GatewaySocket } from './gateway-socket.js';

it('leaves nothing of the credentials that a socket came with, and the way to close it', () => {
  const webSocket = {};
  const request = Object.assign(new IncomingMessage(new Socket()), { websocket: webSocket });
  request.url = '/socket.io/?token=secret';
  request.rawHeaders = ['Cookie', 'session=secret'];
  request.headers = { cookie: 'session=secret' };
  const handshake = { headers: request.headers, url: request.url, auth: { token: 'secret' } };
  const socket = { conn: { request }, handshake };

  expect(inspect(socket, { depth: 9 })).toContain('secret');
  forgetHandshake(socket as unknown as GatewaySocket);
  expect(inspect(socket, { depth: 9 })).not.toContain('secret');
  expect(socket.conn.request.websocket).toBe(webSocket);
});
