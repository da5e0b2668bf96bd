import { type Browser, type BrowserContext, type ConsoleMessage } from 'playwright-core';
import { ConsoleTab } from './console-tab.js';

const DEADLINE_MS = 15_000;

/** What one person sits before: one cookie jar, any number of tabs, and a record of what went wrong in them. */
export class PersonsBrowser {
  /** Page errors, violations of the content security policy, failed requests: all that a console shows in red. */
  readonly complaints: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    private readonly url: string,
  ) {
    context.setDefaultTimeout(DEADLINE_MS);
    context.on('weberror', (event) => this.complaints.push(String(event.error())));
    context.on('console', (message) => this.#listen(message));
  }

  static async open(browser: Browser, url: string): Promise<PersonsBrowser> {
    return new PersonsBrowser(await browser.newContext(), url);
  }

  async openTab(): Promise<ConsoleTab> {
    const tab = new ConsoleTab(await this.context.newPage(), this.url);
    await tab.open();
    return tab;
  }

  close(): Promise<void> {
    return this.context.close();
  }

  #listen(message: ConsoleMessage): void {
    if (!['error', 'warning'].includes(message.type())) return;
    const { url } = message.location();
    // The platform's sign-in page has no icon, which is not ours to judge.
    if (!url.startsWith(this.url) && url.endsWith('/favicon.ico')) return;
    // How a page without a session finds out that it has none.
    const isSessionCheck = url === `${this.url}/auth/session` && message.text().includes('status of 401');
    if (!isSessionCheck) this.complaints.push(`${message.text()} (${url})`);
  }
}
