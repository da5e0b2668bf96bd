import { BayeuxHttp, type BayeuxReply, type BayeuxRequest, HandshakePacer, type Inbound } from '@gw/bayeux';
import { CometdSession } from '@gw/bayeux/cometd';
import { SystemClock } from '@gw/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mutator } from '../../support/mutator.js';
import { campaign, finding, inParallel, watchRejections } from './campaign.js';

const WIDTH = 200;
const REPLIES_PER_SESSION = 4;
const CHANNEL = '/workspace/v3/voice';
const PATIENCE_MS = 1_500;

interface Sent {
  readonly id: string;
  readonly channel: string;
  readonly subscription?: string;
}

/** What a server with acknowledgements says to these messages. */
function soundReply(messages: readonly Sent[], ack: number): object[] {
  return messages.map(({ id, channel, subscription }) => {
    const reply = { id, channel, successful: true };
    if (channel === '/meta/handshake') {
      const advice = { reconnect: 'retry', interval: 0, timeout: 1_000 };
      const types = ['long-polling'];
      return {
        ...reply,
        clientId: 'c1',
        version: '1.0',
        supportedConnectionTypes: types,
        ext: { ack: true },
        advice,
      };
    }
    if (channel === '/meta/subscribe') return { ...reply, subscription };
    return { ...reply, ext: { ack }, advice: { reconnect: 'retry', interval: 0 } };
  });
}

/** A server that means harm, or is broken: each reply is mutated, as a value or as text. */
class HostileServer extends BayeuxHttp {
  readonly replies: string[] = [];

  constructor(private readonly mutator: Mutator) {
    super();
  }

  override async post({ body, cancellation }: BayeuxRequest): Promise<BayeuxReply> {
    if (this.replies.length >= REPLIES_PER_SESSION) return untilCancelled(cancellation);
    const messages = JSON.parse(body) as Sent[];
    const sound = [...soundReply(messages, this.replies.length), { channel: CHANNEL, data: { n: 1 } }];
    const reply = this.#mutated(sound);
    this.replies.push(reply);
    const status = this.mutator.below(10) === 0 ? this.mutator.below(1_000) : 200;
    return { kind: 'reply', status, body: reply };
  }

  #mutated(sound: unknown): string {
    const { mutator } = this;
    if (mutator.below(3) === 0) return mutator.text(JSON.stringify(sound));
    return JSON.stringify(mutator.value(sound));
  }
}

function untilCancelled(cancellation: BayeuxRequest['cancellation']): Promise<never> {
  return new Promise((_resolve, reject) => {
    cancellation.whenCancelled(() => reject(new Error('cancelled')));
  });
}

describe('random and mutated replies of a CometD server', () => {
  let rejections: ReturnType<typeof watchRejections>;
  beforeAll(() => {
    rejections = watchRejections();
  });
  afterAll(() => rejections.stop());

  const replies = campaign('replies');
  it(
    `end no process, and nothing that is no message is stored (${replies.runs})`,
    { timeout: replies.timeoutMs },
    async () => {
      const { runs, mutator } = replies;
      const clock = new SystemClock();
      const findings: string[] = [];
      let received = 0;
      const play = async (): Promise<void> => {
        const http = new HostileServer(mutator);
        const stored: Inbound[] = [];
        const listener = {
          receive: async (inbound: Inbound) => void stored.push(inbound),
          stateChanged: () => {},
        };
        const pacer = new HandshakePacer(10_000, clock);
        const session = new CometdSession({ url: 'http://upstream.test/x', http, listener, pacer, clock });
        session.start([CHANNEL]);
        for (
          let waited = 0;
          waited < PATIENCE_MS && http.replies.length < REPLIES_PER_SESSION;
          waited += 50
        ) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        session.abandon();
        received += http.replies.length;
        const odd = stored
          .flatMap(({ messages }) => messages)
          .filter(({ channel }) => !isOfApplication(channel));
        if (odd.length > 0) findings.push(finding(`stored ${JSON.stringify(odd)}`, http.replies.join(' ')));
      };
      while (received < runs) await inParallel(WIDTH, WIDTH, play);
      expect(findings).toEqual([]);
      expect(rejections.seen).toEqual([]);
    },
  );
});

const isOfApplication = (channel: unknown): boolean =>
  typeof channel === 'string' && channel.startsWith('/') && !channel.startsWith('/meta/');
