/**
 * Firefox: the second WebGPU implementation (wgpu and naga). The quick cases of every kernel, at least one for each, compile and compute
 * right there in every variant, and the built page predicts with the embedded model.
 */
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allCases } from '../src/kernels/all.cases.ts';
import type { TestServer } from '../src/testing/http-server.ts';
import { HubServer } from '../src/testing/hub-server.ts';
import { lavapipeIcd } from './adapters.ts';
import { browserPath } from './browsers.ts';
import { expectedCases } from './expected.ts';
import type { KernelTest } from './kernels/main.ts';
import { publishedFolder } from './published-folder.ts';
import { staticServer } from './static-server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const kernelsOut = `${root}dist/e2e-kernels`;

/** Devices that the kernel cases share; as many cases run at once (maxConcurrency), since Firefox polls an idle GPU every 100 ms only. */
const devices = 12;

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  await build({
    configFile: false,
    root,
    base: './',
    logLevel: 'warn',
    publicDir: false,
    define: { __AFFINAGE_VERSION__: '"test"' },
    build: {
      outDir: kernelsOut,
      emptyOutDir: true,
      minify: false,
      target: 'es2023',
      rolldownOptions: { input: `${root}e2e/kernels/index.html` },
    },
  });
  server = await staticServer([
    { path: '/', serve: `${root}dist/app` },
    { path: '/kernels/', serve: kernelsOut },
  ]);
  const icd = process.platform === 'linux' ? lavapipeIcd() : undefined;
  browser = await launch({
    browser: 'firefox',
    executablePath: browserPath('firefox'),
    headless: true,
    env: { ...process.env, ...(icd && { VK_ICD_FILENAMES: icd }), XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir() },
    extraPrefsFirefox: {
      'dom.webgpu.enabled': true,
      'dom.webgpu.workers.enabled': true,
      'gfx.webgpu.ignore-blocklist': true,
      'intl.accept_languages': 'fr-FR,fr',
    },
    protocolTimeout: 240_000,
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

describe('kernels', () => {
  let page: Page;
  beforeAll(async () => {
    page = await browser.newPage();
    await page.goto(`${server.url}kernels/e2e/kernels/index.html`);
    await page.waitForFunction('globalThis.affinageKernels !== undefined');
    console.log(`Firefox: ${await page.evaluate(count => globalThis.affinageKernels.open(count), devices)}`);
  });
  afterAll(() => page?.close());

  allCases.forEach(({ kernel, variants, cases, storages = ['f32', 'f16'] as const }, set) => {
    describe(kernel, () => {
      for (const [index, { name, variants: only, quick }] of cases.entries()) {
        // All sizes are tested on lavapipe and SwiftShader. Here it is enough that each kernel compiles and runs, as Firefox's compiler takes seconds for some.
        if (!quick && index > 0) continue;
        const some = quick ? storages : [storages[0]!];
        for (const variant of variants.map(each => each.name).filter(each => !only || only.includes(each))) {
          for (const storage of some) {
            test.concurrent(`${name} · ${variant} · ${storage}`, async context => {
              const wanted: KernelTest = { set, case: name, variant, storage };
              const answer = await page.evaluate(each => globalThis.affinageKernels.run(each), wanted);
              if (answer.startsWith('skip: ')) return context.skip(answer.slice('skip: '.length));
              context.expect(answer).toBe('ok');
            });
          }
        }
      }
    });
  });
});

describe('the page', () => {
  test.each([
    { name: 'loads mini in a worker and predicts what PyTorch predicts', url: () => server.url },
    { name: 'does so in one file, opened from the disk', url: () => pathToFileURL(`${root}dist/single/affinage.html`).href },
  ])('$name', async ({ url }) => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', error => errors.push(String(error)));
    await page.goto(url());
    const [expected] = expectedCases();
    await openToWrite(page);
    const text = await page.$eval('textarea', area => area.value);
    expect(text).toBe(expected?.text);
    await page.waitForSelector('[role=listbox] [role=option]', { timeout: 100_000 });
    const words = await page.$$eval('[role=listbox] [role=option] > span:first-child', spans =>
      spans.map(span => span.textContent?.trim()),
    );
    expect(words).toEqual(expected?.masks[0]?.tokens.slice(0, words.length));
    expect(words).toHaveLength(5);
    expect(errors).toEqual([]);
    await page.close();
  });

  test('keeps a model of the hub, and starts and predicts with it when there is no network', async () => {
    const hub = await HubServer.start();
    const folder = await publishedFolder();
    const names = ['config.json', 'tokenizer.json', 'model.safetensors'];
    const files = await Promise.all(names.map(async name => [name, await readFile(join(folder.path, name))] as const));
    await folder.remove();
    hub.publish('test/tiny', Object.fromEntries(files));
    // A host of its own: the service worker of one test must not answer another.
    const host = await staticServer([{ path: '/', serve: `${root}dist/app` }], [hub.url, hub.cdnUrl]);
    const page = await browser.newPage();
    try {
      await page.goto(`${host.url}#/models`);
      await page.evaluate(hubUrl => localStorage.setItem('affinage.settings', JSON.stringify({ language: 'fr', hubUrl })), hub.url);
      // Active once everything is kept that the page needs without a network.
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      await page.reload();
      await load(page, 'test/tiny');
      expect(hub.fetched('model.safetensors')).not.toEqual([]);
      await Promise.all([host.close(), hub.close()]);
      await page.reload();
      await load(page, 'test/tiny');
      await page.evaluate(() => {
        location.hash = '#/fill';
      });
      await openToWrite(page);
      await page.evaluate(() => document.querySelector('textarea')?.select());
      await page.type('textarea', 'w12 w30 [MASK] w7');
      await page.waitForFunction(() => document.querySelectorAll('[role=listbox] [role=option]').length === 5, { timeout: 60_000 });
    } finally {
      await page.close();
      await Promise.allSettled([host.close(), hub.close()]);
    }
  });
});

/** Turns the sheet so that its text is a field. */
async function openToWrite(page: Page): Promise<void> {
  const radio = await page.waitForSelector('input[type=radio][value=write]');
  await radio?.evaluate(input => (input as HTMLInputElement).click());
  await page.waitForSelector('textarea');
}

/** Chooses a hub model in the view of models and waits until it runs. */
async function load(page: Page, id: string): Promise<void> {
  const radio = await page.waitForSelector('input[type=radio][value=other]');
  await radio?.evaluate(input => (input as HTMLInputElement).click());
  const field = await page.waitForSelector('input[inputmode=url]');
  await field?.evaluate(input => (input as HTMLInputElement).select());
  await field?.type(id);
  // The button is enabled once mini has loaded.
  await page.waitForFunction(() => {
    const button = [...document.querySelectorAll('button')].find(each => each.textContent?.includes('Charger ce modèle'));
    if (!button || button.disabled) return false;
    button.click();
    return true;
  });
  const name = id.split('/').at(-1) ?? id;
  await page.waitForFunction(text => document.querySelector('header')?.textContent.includes(`${text} · `), { timeout: 100_000 }, name);
}
