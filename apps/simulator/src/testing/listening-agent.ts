import { eventually } from '@gw/kernel/testing';
import { z } from 'zod';
import { type Simulator } from '../simulator.js';
import { CometdClient } from './cometd-client.js';
import { workspaceClientOf, type Answer, type HttpClient } from './http-client.js';

const callEvent = z.looseObject({
  messageType: z.literal('CallStateChanged'),
  operationId: z.string().optional(),
  notificationType: z.string(),
  call: z.looseObject({ id: z.string(), state: z.string(), capabilities: z.array(z.string()) }),
});
export type CallEvent = z.infer<typeof callEvent>;

/** An agent at work: REST and live notifications of Workspace in one hand. */
export class ListeningAgent {
  private constructor(
    readonly http: HttpClient,
    readonly cometd: CometdClient,
  ) {}

  static async at(simulator: Simulator, user: string): Promise<ListeningAgent> {
    const http = await workspaceClientOf(simulator.url, user);
    const cometd = new CometdClient(http, 'workspace', ['/workspace/v3/**']);
    await cometd.start();
    const agent = new ListeningAgent(http, cometd);
    await eventually(() => agent.require('WorkspaceInitializationComplete'));
    return agent;
  }

  async activate(more: object = {}): Promise<void> {
    const data = { agentId: 'x', placeName: 'y', channels: ['voice', 'chat'], ...more };
    await this.command('activate-channels', data);
    await eventually(() => this.require('DnStateChanged'));
  }

  command(path: string, data?: object, operationId?: string): Promise<Answer> {
    return this.http.post(`/workspace/v3/${path}`, { data, operationId });
  }

  /** Everything heard of this type, in order. */
  all(messageType: string): Record<string, unknown>[] {
    const events = this.cometd.heard.map(({ data }) => z.record(z.string(), z.unknown()).parse(data));
    return events.filter((event) => event.messageType === messageType);
  }

  require(messageType: string): Record<string, unknown> {
    const event = this.all(messageType).at(-1);
    if (!event) throw new Error(`no ${messageType} yet`);
    return event;
  }

  get calls(): CallEvent[] {
    return this.all('CallStateChanged').map((event) => callEvent.parse(event));
  }

  get callStates(): string[] {
    return this.calls.map(({ call }) => call.state);
  }

  /** The last call event, once it has this state. */
  call(state: string): Promise<CallEvent> {
    return eventually(() => {
      const last = this.calls.at(-1);
      if (last?.call.state !== state) throw new Error(`no call ${state} yet: ${this.callStates.join()}`);
      return last;
    });
  }

  leave(): Promise<void> {
    return this.cometd.stop();
  }
}
