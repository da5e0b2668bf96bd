import { type Page } from 'playwright-core';

const FOLDER = new URL('../../test-results/screenshots/', import.meta.url);

const LOOKS = [
  { look: 'wide-light', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { look: 'wide-dark', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  { look: 'narrow-light', colorScheme: 'light', viewport: { width: 390, height: 844 } },
  { look: 'narrow-dark', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const;

/** Pictures for people to look at, in light and dark, wide and narrow: `test-results/screenshots/<name>-<look>.png`. */
export async function takeScreenshots(page: Page, name: string): Promise<void> {
  for (const { look, colorScheme, viewport } of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    const { pathname } = new URL(`${name}-${look}.png`, FOLDER);
    await page.screenshot({ path: pathname, animations: 'disabled' });
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(LOOKS[0].viewport);
}
