import { UpstreamHttp, type UpstreamRequest, type UpstreamResponse } from '@gw/upstream';

type Answer = Partial<UpstreamResponse>;

/** An upstream that answers by path; what is not scripted succeeds. Remembers what it was sent. */
export class ScriptedUpstreamHttp extends UpstreamHttp {
  readonly received: UpstreamRequest[] = [];
  readonly #answers = new Map<string, (request: UpstreamRequest) => Answer | Promise<Answer>>();

  /** From now on; the answer may throw, as a network does. */
  answer(path: string, answer: (request: UpstreamRequest) => Answer | Promise<Answer>): void {
    this.#answers.set(path, answer);
  }

  override async send(request: UpstreamRequest): Promise<UpstreamResponse> {
    this.received.push(request);
    const answer = await this.#answers.get(request.path)?.(request);
    return {
      status: 200,
      contentType: 'application/json',
      setCookies: [],
      body: '{"status":{"code":0}}',
      ...answer,
    };
  }

  to(path: string): UpstreamRequest[] {
    return this.received.filter((request) => request.path === path);
  }
}
