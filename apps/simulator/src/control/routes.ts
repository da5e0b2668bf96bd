import { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { APIS } from '../apis.js';
import { keyValueSchema } from '../workspace/key-values.js';
import { type SimulatorControl } from './control.js';
import { FAULT_KINDS, FAULT_POINTS, type Faults } from './faults.js';

const user = z.string();
const api = z.enum(APIS);
const userAndApi = z.object({ user, api });
const faultSchema = z.strictObject({
  api: z.enum([...APIS, 'auth']).optional(),
  user: user.optional(),
  on: z.enum(FAULT_POINTS),
  kind: z.enum(FAULT_KINDS),
  status: z.int().min(200).max(599).optional(),
  delayMs: z.int().min(0).max(600_000).optional(),
  error: z.string().optional(),
  advice: z.record(z.string(), z.unknown()).optional(),
  messages: z.array(z.object({ channel: z.string(), data: z.unknown() })).optional(),
  path: z.string().optional(),
  times: z.union([z.int().min(1), z.literal('forever').transform(() => Infinity)]).optional(),
});

/** The control API over HTTP: POST with the method's arguments as JSON, and GET for what can be seen. */
export async function serveControl(root: FastifyInstance, control: SimulatorControl): Promise<void> {
  await root.register(
    (app, _options, registered) => {
      lookingRoutes(app, control);
      actingRoutes(app, control);
      faultRoutes(app, control);
      registered();
    },
    { prefix: '/control' },
  );
}

function lookingRoutes(app: FastifyInstance, control: SimulatorControl): void {
  const params = z.object({ user });
  app.get('/seen', () => control.seenTotals());
  app.get('/seen/:user', (request) => control.seen(params.parse(request.params).user));
  app.get('/secrets/:user', (request) => control.secrets(params.parse(request.params).user));
}

function actingRoutes(app: FastifyInstance, control: SimulatorControl): void {
  const actions = {
    publish: action(userAndApi.extend({ channel: z.string(), data: z.unknown() }), (a) => ({
      sessions: control.publish(a.user, a.api, a.channel, a.data),
    })),
    'publish-many': action(userAndApi.extend({ channel: z.string(), datas: z.array(z.unknown()) }), (a) => ({
      sessions: control.publishMany(a.user, a.api, a.channel, a.datas),
    })),
    'inbound-call': action(
      z.object({ to: user, from: z.string(), userData: z.array(keyValueSchema).optional() }),
      (call) => ({ callId: control.inboundCall(call) }),
    ),
    'hang-up': action(z.object({ callId: z.string() }), ({ callId }) => ({ found: control.hangUp(callId) })),
    'inbound-chat': action(z.object({ to: user, nickname: z.string(), text: z.string() }), (chat) => ({
      interactionId: control.inboundChat(chat),
    })),
    'customer-says': action(z.object({ interactionId: z.string(), text: z.string() }), (a) => ({
      found: control.customerSays(a.interactionId, a.text),
    })),
    'forget-bayeux-session': action(userAndApi, (a) => ({
      sessions: control.forgetBayeuxSession(a.user, a.api),
    })),
    'forget-http-session': action(userAndApi, (a) => ({
      sessions: control.forgetHttpSession(a.user, a.api),
    })),
    'forget-subscription': action(userAndApi.extend({ channel: z.string() }), (a) => ({
      sessions: control.forgetSubscription(a.user, a.api, a.channel),
    })),
    'rotate-cookies': action(userAndApi, (a) => {
      control.rotateCookies(a.user, a.api);
      return {};
    }),
    'expire-access-tokens': action(z.object({ user }), (a) => {
      control.expireAccessTokens(a.user);
      return {};
    }),
    'revoke-refresh-tokens': action(z.object({ user }), (a) => {
      control.revokeRefreshTokens(a.user);
      return {};
    }),
    'event-before-reply': action(z.object({ on: z.boolean() }), ({ on }) => {
      control.setEventBeforeReply(on);
      return {};
    }),
    'operation-ids-echoed': action(z.object({ on: z.boolean() }), ({ on }) => {
      control.setOperationIdsEchoed(on);
      return {};
    }),
  };
  for (const [name, act] of Object.entries(actions)) {
    app.post(`/${name}`, (request, reply) => reply.send(act(request.body)));
  }
}

function faultRoutes(app: FastifyInstance, { faults }: SimulatorControl): void {
  app.get('/faults', () => faults.list().map(forJson));
  app.post('/faults', (request, reply) =>
    reply.code(201).send({ id: faults.add(faultSchema.parse(request.body)) }),
  );
  app.delete('/faults/:id', (request, reply) => {
    const { id } = z.object({ id: z.string() }).parse(request.params);
    return reply.code(faults.remove(id) ? 204 : 404).send();
  });
  app.delete('/faults', (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });
}

/** JSON has no Infinity. */
function forJson(fault: ReturnType<Faults['list']>[number]): object {
  return fault.left === Infinity ? { ...fault, times: 'forever', left: 'forever' } : fault;
}

function action<T>(schema: z.ZodType<T>, act: (input: T) => object): (body: unknown) => object {
  return (body) => act(schema.parse(body));
}
