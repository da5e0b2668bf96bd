import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Fault, type FaultKind, type Faults, type Occasion } from '../control/faults.js';
import { type Timers } from '../timers.js';

export interface FaultAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** How an API words the faults that have a body, and what it makes of those of CometD. */
export interface FaultWording {
  occasion(request: FastifyRequest): Occasion | undefined;
  status(request: FastifyRequest, status: number): unknown;
  unknownSession(request: FastifyRequest): FaultAnswer;
  refuse?(request: FastifyRequest, fault: Fault): FaultAnswer;
  /** Before it is done. */
  alter?(request: FastifyRequest, fault: Fault): void;
  /** What becomes of the reply's body. */
  rewrite?(request: FastifyRequest, fault: Fault, body: string): string;
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
    await (instead[fault.kind] ?? wording.alter)?.(request, fault, reply);
  });

  app.addHook('onSend', async (request, reply, payload: unknown) => {
    const fault = struck.get(request);
    if (!fault) return payload;
    const { kind } = fault;
    if (kind === 'lose-reply') cutOff(reply);
    if (kind === 'truncate') return bytesOf(payload).subarray(0, bytesOf(payload).length / 2);
    if (kind === 'cut') return halfOf(bytesOf(payload), reply);
    return typeof payload === 'string' ? (wording.rewrite?.(request, fault, payload) ?? payload) : payload;
  });

  /** What is done in place of what was asked, or before it. */
  const instead: Partial<Record<FaultKind, Strike>> = {
    status: (request, { status = 500 }, reply) =>
      say(reply, { status, body: wording.status(request, status) }),
    'unknown-session': (request, _fault, reply) => say(reply, wording.unknownSession(request)),
    refuse: async (request, fault, reply) => {
      if (wording.refuse) await say(reply, wording.refuse(request, fault));
    },
    hang: (_request, _fault, reply) => void reply.hijack(),
    reset: (_request, _fault, reply) => cutOff(reply),
    delay: (_request, { delayMs = 1_000 }) => timers.wait(delayMs),
  };
}

type Strike = (request: FastifyRequest, fault: Fault, reply: FastifyReply) => Promise<void> | void;

async function say(reply: FastifyReply, { status, body }: FaultAnswer): Promise<void> {
  await reply.code(status).send(body);
}

function cutOff(reply: FastifyReply): void {
  reply.hijack();
  reply.raw.socket?.resetAndDestroy();
}

/** Promises all of the body, and sends half of it before the connection is cut. */
function halfOf(body: Buffer, reply: FastifyReply): Readable {
  reply.header('content-length', body.length);
  return Readable.from(
    (async function* () {
      yield body.subarray(0, body.length / 2);
      await setImmediate();
      throw new Error('cut');
    })(),
  );
}

function bytesOf(payload: unknown): Buffer {
  if (Buffer.isBuffer(payload)) return payload;
  return Buffer.from(typeof payload === 'string' ? payload : '');
}
