/**
 * The model of 378 million parameters in the page: from the hub to the first answer, and again from what is kept. Times, and how much
 * memory the browser's processes take (Linux). The hub is on this machine, so the download costs little.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { fullSizeSource, fullSizeText } from '../src/testing/full-size.ts';
import { HubServer } from '../src/testing/hub-server.ts';
import { expect, inUse, load, Machine, test } from './library-site.ts';
import { appFolder, miniReady, predictionList, textField } from './site.ts';
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

/** Runs `work` and tells how long it took and how far memory rose over its start. */
async function watched(label: string, work: () => Promise<void>): Promise<void> {
  const before = memory();
  const peak = { ...before };
  const timer = setInterval(() => {
    for (const [type, bytes] of Object.entries(memory())) peak[type] = Math.max(peak[type] ?? 0, bytes);
  }, 200);
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  clearInterval(timer);
  const rise = ['renderer', 'gpu-process', 'browser', 'utility'].map(
    type => `${type} +${(((peak[type] ?? 0) - (before[type] ?? 0)) / 1e6).toFixed(0)} MB`,
  );
  console.log(`\n${label}: ${seconds.toFixed(1)} s; peak ${rise.join(', ')}`);
}

async function predict(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Mot masqué' }).click();
  await textField(page).fill(fullSizeText(16));
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
  await watched('hub → kept as q4 → ready', async () => {
    await load(page, id);
    await expect(page.getByRole('link', { name: /Modèle utilisé : large / })).toBeVisible({ timeout: 1_500_000 });
  });
  await watched('first answer, 16 tokens', () => predict(page));
  await page.goto(`${site.url}#/models`);
  await page.reload();
  await miniReady(page);
  await watched('kept → ready, every byte hashed', async () => {
    await load(page, id);
    await inUse(page, id);
  });
  await context.close();
  await site.close();
  await hub.close();
});
