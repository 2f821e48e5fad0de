/**
 * Fixtures of the library's tests: the page, a hub on two other origins with two models, and browser contexts with a storage of
 * their own, so that each test begins on a machine where nothing is kept.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import { fullSizeSource } from '../src/testing/full-size.ts';
import type { TestServer } from '../src/testing/http-server.ts';
import { HubServer } from '../src/testing/hub-server.ts';
import { choicesOfFirstVisit, giveChoices, type KeptChoices } from './kept-choices.ts';
import { publishedFolder } from './published-folder.ts';
import { appFolder, Watch } from './site.ts';
import { staticServer } from './static-server.ts';

export { expect };

/** 9 million weights, 37 MB in f32: long enough to be interrupted, small enough to run on SwiftShader. */
export const middle = 'test/middle';
/** A few thousand weights; the second for those who have the hub's token. */
export const tiny = 'test/tiny';
export const secret = 'test/secret';

const middleShape = { vocab_size: 16_000, hidden_size: 256, num_hidden_layers: 8, num_attention_heads: 4, intermediate_size: 512 };

interface Shared {
  middleFiles: Record<string, Uint8Array>;
  hub: HubServer;
  /** The page without its embedded model. */
  site: TestServer;
  /** Of the adapter, by an earlier visit. */
  kept: KeptChoices;
}

interface Each {
  /** A machine on which no model is kept; pages of it share their storage. */
  machine: Machine;
}

export class Machine {
  readonly watches: Watch[] = [];

  constructor(
    readonly context: BrowserContext,
    readonly site: TestServer,
    readonly hub: HubServer,
  ) {}

  /** A tab on the view of models, in French. */
  async open(): Promise<Page> {
    const page = await this.context.newPage();
    const watch = new Watch(page, this.site.url);
    // Expected here: requests to the hub and its storage, which are other hosts, and 404 answers for optional files.
    watch.expectNoise(/^request to http:\/\/127\.0\.0\.1|Failed to load resource|net::ERR/);
    this.watches.push(watch);
    await page.goto(`${this.site.url}#/models`);
    return page;
  }
}

export const test = base.extend<Each, Shared>({
  middleFiles: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from here.
    async ({}, use) => use(await wholeFiles()),
    { scope: 'worker' },
  ],

  hub: [
    async ({ middleFiles }, use) => {
      const hub = await HubServer.start();
      const folder = await publishedFolder();
      const files: Record<string, Uint8Array> = {};
      for (const name of ['config.json', 'tokenizer.json', 'model.safetensors']) files[name] = await readFile(join(folder.path, name));
      hub.publish(tiny, files, { licence: 'apache-2.0' });
      hub.publish(secret, files, { access: 'private' });
      hub.publish(middle, middleFiles);
      await use(hub);
      await hub.close();
      await folder.remove();
    },
    { scope: 'worker' },
  ],

  site: [
    async ({ hub }, use) => {
      // Without mini, which each page would load first: half of the work, and no part of what these tests ask.
      const withoutMini = { path: '/models/mini/', serve: join(appFolder, 'models', 'none') };
      const server = await staticServer([{ path: '/', serve: appFolder }, withoutMini], [hub.url, hub.cdnUrl]);
      await use(server);
      await server.close();
    },
    { scope: 'worker' },
  ],

  kept: [
    async ({ browser }, use) => {
      const whole = await staticServer([{ path: '/', serve: appFolder }]);
      const kept = await choicesOfFirstVisit(browser, whole.url);
      await whole.close();
      await use(kept);
    },
    { scope: 'worker', timeout: 180_000 },
  ],

  machine: async ({ browser, hub, site, kept }, use) => {
    const context = await browser.newContext({ locale: 'fr-FR', serviceWorkers: 'block' });
    await giveChoices(context, site.url, kept);
    await context.addInitScript(hubUrl => {
      if (!localStorage.getItem('affinage.settings')) localStorage.setItem('affinage.settings', JSON.stringify({ language: 'fr', hubUrl }));
    }, hub.url);
    hub.clearFaults();
    hub.log.length = 0;
    const machine = new Machine(context, site, hub);
    await use(machine);
    expect(machine.watches.flatMap(watch => watch.take())).toEqual([]);
    await context.close();
  },
});

async function wholeFiles(): Promise<Record<string, Uint8Array>> {
  const source = fullSizeSource(middleShape, { stored: 'f32' });
  const files: Record<string, Uint8Array> = {};
  for (const name of ['config.json', 'tokenizer.json', 'model.safetensors']) {
    const file = await source.open(name);
    files[name] = await file.read(0, file.sizeBytes);
  }
  return files;
}

/** Chooses a hub model by its id. */
export async function choose(page: Page, id: string): Promise<void> {
  await page.getByRole('radio', { name: /Un autre modèle/ }).check({ force: true });
  await page.getByRole('textbox', { name: 'Identifiant ou adresse' }).fill(id);
}

export async function load(page: Page, id: string): Promise<void> {
  await choose(page, id);
  await page.getByRole('button', { name: 'Charger ce modèle' }).click();
}

/** Waits until the header says that the model runs. */
export async function inUse(page: Page, id: string): Promise<void> {
  await expect(page.getByRole('link', { name: new RegExp(`Modèle utilisé : ${id.split('/').at(-1)} `) })).toBeVisible({ timeout: 100_000 });
}
