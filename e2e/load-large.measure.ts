/**
 * The model of 378 million parameters in the page: from the hub to the first answer, and again from what is kept. Times, and how much
 * memory the browser's processes take (Linux). The hub is on this machine, so the download costs little.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { CDPSession, Page } from '@playwright/test';
import { fullSizeSource, fullSizeText } from '../src/testing/full-size.ts';
import { HubServer } from '../src/testing/hub-server.ts';
import { expect, inUse, load, Machine, test } from './library-site.ts';
import { appFolder, miniReady, predictionList, settled, write } from './site.ts';
import { staticServer } from './static-server.ts';

const id = 'test/large';

/** Resident bytes of this browser's processes by type. */
function memory(): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (!command.includes('chromium')) continue;
      const type = /--type=([\w-]+)/.exec(command)?.[1] ?? 'browser';
      const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
      sums[type] = (sums[type] ?? 0) + pages * 4096;
    } catch {
      // The process ended meanwhile.
    }
  }
  return sums;
}

/** JS memory of the page's workers: live and uncollected objects, and array buffers. */
class WorkerHeap {
  #sessions = new Map<string, string>();
  #answers = new Map<string, number>();
  #id = 0;

  constructor(readonly devtools: CDPSession) {
    devtools.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
      const { result } = JSON.parse(message) as { result?: { usedSize: number; backingStorageSize?: number } };
      if (result) this.#answers.set(sessionId, result.usedSize + (result.backingStorageSize ?? 0));
    });
  }

  async sample(): Promise<number> {
    const { targetInfos } = await this.devtools.send('Target.getTargets', { filter: [{ type: 'worker' }] });
    this.#answers.clear();
    for (const { targetId } of targetInfos) {
      const known = this.#sessions.get(targetId);
      const sessionId = known ?? (await this.devtools.send('Target.attachToTarget', { targetId, flatten: false })).sessionId;
      this.#sessions.set(targetId, sessionId);
      const message = JSON.stringify({ id: ++this.#id, method: 'Runtime.getHeapUsage' });
      await this.devtools.send('Target.sendMessageToTarget', { sessionId, message }).catch(() => this.#sessions.delete(targetId));
    }
    await new Promise(resolve => setTimeout(resolve, 100));
    return [...this.#answers.values()].reduce((sum, bytes) => sum + bytes, 0);
  }
}

/** Runs `work` and tells how long it took and how far memory rose over its start. */
async function watched(label: string, page: Page, heap: WorkerHeap, work: () => Promise<void>): Promise<void> {
  const before = memory();
  const peak = { ...before };
  const heapBefore = await heap.sample();
  const heapPeaks = new Map<string, number>();
  let isDone = false;
  const watching = (async () => {
    while (!isDone) {
      for (const [type, bytes] of Object.entries(memory())) peak[type] = Math.max(peak[type] ?? 0, bytes);
      const rise = (await heap.sample()) - heapBefore;
      const bar = page.getByRole('progressbar').first();
      const stage = (await bar.isVisible())
        ? ((await bar.getAttribute('aria-label', { timeout: 100 }).catch(() => null)) ?? 'other')
        : 'other';
      heapPeaks.set(stage, Math.max(heapPeaks.get(stage) ?? 0, rise));
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  })();
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  isDone = true;
  await watching;
  const rise = ['renderer', 'gpu-process', 'browser', 'utility'].map(
    type => `${type} +${(((peak[type] ?? 0) - (before[type] ?? 0)) / 1e6).toFixed(0)} MB`,
  );
  const stages = [...heapPeaks].map(([stage, bytes]) => `${stage} +${(bytes / 1e6).toFixed(0)} MB`);
  console.log(`\n${label}: ${seconds.toFixed(1)} s; peak ${rise.join(', ')}; JS of the workers by stage: ${stages.join(', ')}`);
}

async function predict(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Mot masqué' }).click();
  await write(page, fullSizeText(16));
  // A run that is expected to take seconds waits for a press.
  await page.getByRole('button', { name: 'Prédire' }).click();
  await expect(page.locator('[aria-busy=true]')).toBeVisible();
  await settled(page);
  await expect(predictionList(page).getByRole('option')).toHaveCount(5, { timeout: 600_000 });
}

test('large in the page', async ({ browser }) => {
  const source = fullSizeSource('large', { stored: 'f16' });
  const files: Record<string, Uint8Array> = {};
  for (const name of ['config.json', 'tokenizer.json', 'model.safetensors']) {
    const file = await source.open(name);
    files[name] = await file.read(0, file.sizeBytes);
  }
  const hub = await HubServer.start();
  hub.publish(id, files);
  const site = await staticServer([{ path: '/', serve: appFolder }], [hub.url, hub.cdnUrl]);
  const context = await browser.newContext({ locale: 'fr-FR', serviceWorkers: 'block' });
  await context.addInitScript(hubUrl => localStorage.setItem('affinage.settings', JSON.stringify({ language: 'fr', hubUrl })), hub.url);
  const page = await new Machine(context, site, hub).open();
  await miniReady(page);
  const heap = new WorkerHeap(await browser.newBrowserCDPSession());
  await watched('hub → kept as q4 → ready', page, heap, async () => {
    await load(page, id);
    await expect(page.getByRole('link', { name: /Modèle utilisé : large / })).toBeVisible({ timeout: 1_500_000 });
  });
  await watched('an answer, 16 tokens', page, heap, () => predict(page));
  await page.goto(`${site.url}#/models`);
  await page.reload();
  await miniReady(page);
  await watched('kept → ready, every byte hashed', page, heap, async () => {
    await load(page, id);
    await inUse(page, id);
  });
  await context.close();
  await site.close();
  await hub.close();
});
