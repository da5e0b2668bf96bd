import { type Locator, type Page } from 'playwright-core';

export type CallState = 'Dialing' | 'Ringing' | 'Established' | 'Held' | 'Released' | 'Completed';
type CallCommand = 'answer' | 'hold' | 'retrieve' | 'release' | 'complete';

const APIS = ['workspace', 'statistics', 'provisioning'];

/** The web console in one tab, in the words of the person who uses it. Everything waits for what it needs. */
export class ConsoleTab {
  constructor(
    readonly page: Page,
    private readonly url: string,
  ) {}

  async open(): Promise<void> {
    await this.page.goto(this.url);
  }

  /** From the welcome page until notifications flow. */
  async signIn(userName: string): Promise<void> {
    await this.goToSignIn();
    await this.enterPassword(userName);
    await this.connected();
  }

  /** Ends at the platform's own page, which asks for the password. */
  async goToSignIn(): Promise<void> {
    await this.#part('sign-in').click();
    await this.page.getByLabel('Password').waitFor();
  }

  async enterPassword(userName: string): Promise<void> {
    await this.page.getByLabel('User name').fill(userName);
    await this.page.getByLabel('Password').fill('demo');
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.#part('user-name').waitFor();
  }

  async connected(): Promise<void> {
    await this.#part('socket-state', 'connected').waitFor();
    for (const api of APIS) await this.#part(`api-state-${api}`, 'connected').waitFor();
  }

  async activate(): Promise<void> {
    await this.#part('activate').click();
    await this.#part('agent-state', 'NotReady').waitFor();
  }

  async becomeReady(): Promise<void> {
    await this.#part('ready').click();
    await this.#part('agent-state', 'Ready').waitFor();
  }

  async call(number: string): Promise<void> {
    await this.#part('destination').fill(number);
    await this.#part('call').click();
  }

  async press(command: CallCommand): Promise<void> {
    await this.#part(`call-${command}`).click();
  }

  /** Resolves once there is a call in this state. */
  async sees(state: CallState): Promise<void> {
    await this.#part('call-card', state).waitFor();
  }

  calls(): Promise<number> {
    return this.#part('call-card').count();
  }

  /** Resolves once a notification of this message type is listed. */
  async lists(messageType: string): Promise<void> {
    await this.#ofType(messageType).first().waitFor();
  }

  /** Newest first, as on the page. */
  cursors(): Promise<string[]> {
    return this.#listed('data-cursor');
  }

  messageTypes(): Promise<string[]> {
    return this.#listed('data-message-type');
  }

  /** Opens the newest notification of this message type. */
  async openPayload(messageType: string): Promise<unknown> {
    await this.#ofType(messageType).first().click();
    return JSON.parse(await this.#part('payload').innerText());
  }

  async closePayload(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.#part('payload').waitFor({ state: 'detached' });
  }

  async signOut(): Promise<void> {
    await this.#part('sign-out').click();
  }

  /** Waits for the welcome page and returns why the session is over. */
  signedOutReason(timeoutMs?: number): Promise<string> {
    return this.#part('signed-out-reason').innerText({ ...(timeoutMs && { timeout: timeoutMs }) });
  }

  problems(): Promise<string[]> {
    return this.#part('problem').allInnerTexts();
  }

  #listed(attribute: string): Promise<string[]> {
    return this.#part('notification').evaluateAll(
      (rows, name) => rows.map((row) => row.getAttribute(name) ?? ''),
      attribute,
    );
  }

  #ofType(messageType: string): Locator {
    return this.page.locator(`[data-testid="notification"][data-message-type="${messageType}"]`);
  }

  #part(testId: string, state?: string): Locator {
    const withState = state === undefined ? '' : `[data-state="${state}"]`;
    return this.page.locator(`[data-testid="${testId}"]${withState}`);
  }
}
