/**
 * What a page keeps of its adapter after the first load of a model: the choices of tuning and the passed check (src/worker/tuning-store.ts).
 * On SwiftShader that first load compiles for many seconds what no answer needs. Tests that ask for something else than a first load begin
 * where a second visit begins. The page of the fixture `ready`, the policy's tests and the visit without a network make the first load.
 */
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { miniReady } from './ready.ts';

const cacheName = 'affinage-tuning';

/** Address in the page's cache, and what stands there. */
export type KeptChoices = [address: string, text: string][];

/** What `page`, on which a model is ready, has kept. Throws where that is nothing: a test that relies on it would be slow in silence. */
export async function keptChoices(page: Page): Promise<KeptChoices> {
  const kept = await page.evaluate(async name => {
    const store = await caches.open(name);
    const requests = await store.keys();
    return Promise.all(
      requests.map(async (request): Promise<[string, string]> => [request.url, (await (await store.match(request))?.text()) ?? '']),
    );
  }, cacheName);
  if (!kept.some(([address]) => decodeURIComponent(address).includes('/checked|')))
    throw new Error('The page kept no check of its adapter.');
  return kept;
}

/** Opens the page at `url` on a machine of its own and gives what it keeps of the adapter. */
export async function choicesOfFirstVisit(browser: Browser, url: string): Promise<KeptChoices> {
  const context = await browser.newContext({ locale: 'fr-FR', serviceWorkers: 'block' });
  try {
    const page = await context.newPage();
    await page.goto(url);
    await miniReady(page);
    return await keptChoices(page);
  } finally {
    await context.close();
  }
}

/** Puts them where the pages of `url` in `context` find them. */
export async function giveChoices(context: BrowserContext, url: string, kept: KeptChoices): Promise<void> {
  const page = await context.newPage();
  // Any file of the origin will do: the page itself would load its model.
  await page.goto(`${url}icon.svg`);
  await page.evaluate(
    async ({ name, entries }) => {
      const store = await caches.open(name);
      for (const [address, text] of entries) await store.put(address, new Response(text));
    },
    { name: cacheName, entries: kept },
  );
  await page.close();
}
