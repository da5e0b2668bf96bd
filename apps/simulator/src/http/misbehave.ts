import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Fault, type Faults, type Occasion } from '../control/faults.js';
import { type Timers } from '../timers.js';

/** How an API words the faults that have a body. */
export interface FaultWording {
  occasion(request: FastifyRequest): Occasion | undefined;
  status(request: FastifyRequest, status: number): unknown;
  unknownSession(request: FastifyRequest): { status: number; body: unknown };
}

/** Lets the faults strike in every route of this scope, once the user is identified. */
export function letFaultsStrike(
  app: FastifyInstance,
  faults: Faults,
  timers: Timers,
  wording: FaultWording,
): void {
  const struck = new WeakMap<FastifyRequest, Fault>();

  app.addHook('preHandler', async (request, reply) => {
    const occasion = wording.occasion(request);
    const fault = occasion && faults.take(occasion, request.url.split('?', 1)[0] ?? '');
    if (!fault) return;
    struck.set(request, fault);
    await strikeBefore(fault, request, reply);
  });

  app.addHook('onSend', async (request, reply, payload: unknown) => {
    const fault = struck.get(request);
    if (fault?.kind === 'lose-reply') cutOff(reply);
    return fault?.kind === 'truncate' ? firstHalf(payload) : payload;
  });

  async function strikeBefore(fault: Fault, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    switch (fault.kind) {
      case 'status': {
        const status = fault.status ?? 500;
        await reply.code(status).send(wording.status(request, status));
        return;
      }
      case 'unknown-session': {
        const { status, body } = wording.unknownSession(request);
        await reply.code(status).send(body);
        return;
      }
      case 'hang':
        reply.hijack();
        return;
      case 'reset':
        cutOff(reply);
        return;
      case 'delay':
        await timers.wait(fault.delayMs ?? 1_000);
        return;
      case 'truncate':
      case 'lose-reply':
        return;
    }
  }
}

function cutOff(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.socket?.resetAndDestroy();
}

function firstHalf(payload: unknown): unknown {
  if (typeof payload === 'string') return payload.slice(0, payload.length / 2);
  return Buffer.isBuffer(payload) ? payload.subarray(0, payload.length / 2) : payload;
}
