import { type Clock } from '@gw/kernel';
import { type Agent, type Directory } from '../agents.js';
import { MEDIA, VOICE, type Publish } from './channels.js';
import { type KeyValue } from './key-values.js';

export type AgentState = 'LoggedOut' | 'LoggedIn' | 'Ready' | 'NotReady';

/** The state of an agent's phone line. */
export interface Voice {
  agentState: AgentState;
  agentWorkMode: string;
  reasons: readonly KeyValue[];
  dnd: boolean;
  forwardTo: string | null;
}

interface MediaChannel {
  readonly name: string;
  state: AgentState;
  dnd: boolean;
}

/** Where an agent works: line, media channels, and what was chosen at activation. */
export interface Desk {
  readonly agent: Agent;
  readonly voice: Voice;
  readonly media: Map<string, MediaChannel>;
  autoCompleteCall: boolean;
}

export const MEDIA_TYPES = ['chat', 'email', 'workitem'] as const;

/** The desks of all agents; every change is told to its agent. */
export class Desks {
  readonly #desks = new Map<string, Desk>();

  constructor(
    private readonly directory: Directory,
    private readonly publish: Publish,
    private readonly clock: Clock,
  ) {}

  of(user: string): Desk {
    const desk = this.#desks.get(user) ?? emptyDesk(this.directory.require(user));
    this.#desks.set(user, desk);
    return desk;
  }

  changeVoice(user: string, change: Partial<Voice>): void {
    Object.assign(this.of(user).voice, change);
    this.publish(user, VOICE, { messageType: 'DnStateChanged', dn: this.dnOf(user) });
  }

  /** Activates media channels that are not active yet, and sets those that are. */
  changeMedia(user: string, names: readonly string[], state: AgentState): void {
    const { media } = this.of(user);
    for (const name of names) media.set(name, { name, dnd: false, ...media.get(name), state });
    this.#publishMedia(user, names);
  }

  setDoNotDisturb(user: string, dnd: boolean): void {
    const { media } = this.of(user);
    for (const channel of media.values()) channel.dnd = dnd;
    this.#publishMedia(user, [...media.keys()]);
  }

  /** Logs the agent out of everything; says nothing, because whoever would hear it is leaving. */
  clear(user: string): void {
    this.#desks.delete(user);
  }

  dnOf(user: string): object {
    const { agent, voice } = this.of(user);
    const capabilities = {
      LoggedOut: ['login'],
      LoggedIn: ['ready', 'not-ready', 'logout'],
      Ready: ['not-ready', 'dnd-on', 'set-forward', 'logout'],
      NotReady: ['ready', 'dnd-on', 'set-forward', 'logout'],
    }[voice.agentState];
    return {
      number: agent.dn,
      switchName: 'simulator',
      agentId: agent.dn,
      capabilities,
      telephonyNetwork: 'Private',
      ...voice,
      available: voice.agentState === 'Ready' && !voice.dnd,
      timestamp: this.clock.now(),
    };
  }

  mediaOf(user: string, names?: readonly string[]): object[] {
    const channels = [...this.of(user).media.values()].filter(({ name }) => names?.includes(name) ?? true);
    return channels.map((channel) => ({
      ...channel,
      available: channel.state === 'Ready' && !channel.dnd,
      reasons: [],
      timestamp: this.clock.now(),
    }));
  }

  #publishMedia(user: string, names: readonly string[]): void {
    const channels = this.mediaOf(user, names);
    this.publish(user, MEDIA, { messageType: 'ChannelStateChanged', media: { channels } });
  }
}

function emptyDesk(agent: Agent): Desk {
  return {
    agent,
    voice: { agentState: 'LoggedOut', agentWorkMode: 'Unknown', reasons: [], dnd: false, forwardTo: null },
    media: new Map(),
    autoCompleteCall: true,
  };
}
