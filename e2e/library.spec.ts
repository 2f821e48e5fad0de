/** Models kept in the browser: fetched once, resumed, shared by tabs, mended, and used without a network. */
import type { Page } from '@playwright/test';
import type { HubServer } from '../src/testing/hub-server.ts';
import { giveChoices } from './kept-choices.ts';
import { choose, expect, inUse, load, middle, secret, test, tiny } from './library-site.ts';
import { appFolder, predictionList, write } from './site.ts';
import { staticServer } from './static-server.ts';

const weights = 'model.safetensors';
const chunkBytes = 4 * 2 ** 20;
/** Speed of each of the four parallel requests: slow enough that little arrives in the second by which the journal may be late. */
const bytesPerSecond = 0.6e6;
/**
 * What may be lost when a page goes away: requests under way, and a second of the journal, which a busy machine makes four.
 * Less than was sent before the reload, so that a download that starts from nothing is seen.
 */
const inFlightBytes = 4 * chunkBytes + 4 * 4 * bytesPerSecond;

const bytesSent = (hub: HubServer, since = 0) => hub.fetched(weights, since).reduce((sum, [, bytes]) => sum + bytes, 0);

test('a model of the hub is fetched once, and used again after a reload without asking the hub', async ({ machine, hub }) => {
  const page = await machine.open();
  await load(page, tiny);
  await inUse(page, tiny);
  expect(bytesSent(hub)).toBeGreaterThan(0);
  const before = hub.log.length;
  await page.reload();
  await load(page, tiny);
  await inUse(page, tiny);
  expect(hub.log.slice(before)).toEqual([]);
});

test('a reload in the middle of a download: the next goes on from what was verified', async ({ machine, hub, middleFiles }) => {
  hub.fault({ on: request => request.file === weights && request.method === 'GET', bytesPerSecond });
  const page = await machine.open();
  await load(page, middle);
  await expect.poll(() => bytesSent(hub)).toBeGreaterThan(7 * chunkBytes);
  await page.reload();
  hub.clearFaults();
  await choose(page, middle);
  await page.getByRole('button', { name: 'Reprendre' }).first().click();
  await inUse(page, middle);
  expect(bytesSent(hub)).toBeLessThanOrEqual(middleFiles[weights]!.length + inFlightBytes);
});

test('a download that was paused goes on; nothing verified is fetched twice', async ({ machine, hub, middleFiles }) => {
  hub.fault({ on: request => request.file === weights && request.method === 'GET', bytesPerSecond });
  const page = await machine.open();
  await load(page, middle);
  await expect.poll(() => bytesSent(hub)).toBeGreaterThan(4 * chunkBytes);
  await page.getByRole('button', { name: 'Mettre en pause' }).click();
  const resume = page.getByRole('button', { name: 'Reprendre' }).first();
  await expect(resume).toBeVisible();
  hub.clearFaults();
  await resume.click();
  await inUse(page, middle);
  expect(bytesSent(hub)).toBeLessThanOrEqual(middleFiles[weights]!.length + inFlightBytes);
});

test('a reload while the weights are converted: nothing is fetched again', async ({ machine, hub }) => {
  const page = await machine.open();
  await load(page, middle);
  await expect(page.getByText('Conversion en q4').first()).toBeVisible();
  await page.reload();
  const before = hub.log.length;
  await choose(page, middle);
  await page.getByRole('button', { name: 'Reprendre' }).first().click();
  await inUse(page, middle);
  expect(bytesSent(hub, before)).toBe(0);
});

test('two tabs that want the same model fetch it once', async ({ machine, hub, middleFiles }) => {
  hub.fault({ on: request => request.file === weights && request.method === 'GET', bytesPerSecond: 8e6 });
  const [one, two] = [await machine.open(), await machine.open()];
  await load(one, middle);
  await load(two, middle);
  await Promise.all([inUse(one, middle), inUse(two, middle)]);
  // Besides the file itself, its header is read once more to check that affinage can run the model.
  expect(bytesSent(hub)).toBeLessThan(middleFiles[weights]!.length + chunkBytes);
});

test('a browser without room: the model runs without being kept, and the page says so', async ({ machine }) => {
  const page = await machine.open();
  const devtools = await machine.context.newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: new URL(machine.site.url).origin, quotaSize: 3e5 });
  await load(page, tiny);
  await inUse(page, tiny);
  await expect(page.getByText('Ce modèle est actif, mais n’est pas conservé')).toBeVisible();
});

test('a broken byte in the kept file is found at the next load, and only its part fetched again', async ({ machine, hub }) => {
  const page = await machine.open();
  await load(page, middle);
  await inUse(page, middle);
  await page.reload();
  await page.evaluate(flipByte, { name: weights, at: 1_000_000 });
  const before = hub.log.length;
  await load(page, middle);
  await inUse(page, middle);
  const fetched = bytesSent(hub, before);
  expect(fetched).toBeGreaterThan(0);
  // A chunk of 4 MiB in q8 is computed from four times as many bytes of an original in f32; the hub is read in windows of 512 KiB.
  expect(fetched).toBeLessThan(5 * chunkBytes);
  const after = hub.log.length;
  await page.reload();
  await load(page, middle);
  await inUse(page, middle);
  expect(hub.log.slice(after)).toEqual([]);
});

test('a private model asks for a token, which is used and not kept', async ({ machine, hub }) => {
  const page = await machine.open();
  await load(page, secret);
  const token = page.getByLabel('Jeton d’accès');
  await expect(token).toBeVisible();
  await token.fill(hub.token);
  await page.getByRole('button', { name: 'Charger ce modèle' }).click();
  await inUse(page, secret);
  expect(hub.log.filter(request => request.host === 'cdn' && request.hadToken)).toEqual([]);
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  expect(stored).not.toContain(hub.token);
});

test('after one visit a kept model starts and predicts without a network', async ({ browser, hub, kept }) => {
  const site = await staticServer([{ path: '/', serve: appFolder }], [hub.url, hub.cdnUrl]);
  const context = await browser.newContext({ locale: 'fr-FR', serviceWorkers: 'allow' });
  await giveChoices(context, site.url, kept);
  await context.addInitScript(
    hubUrl => localStorage.setItem('affinage.settings', JSON.stringify({ language: 'fr', hubUrl, lastModel: null })),
    hub.url,
  );
  try {
    const page = await context.newPage();
    await page.goto(`${site.url}#/models`);
    await expect(page.getByText('Cette page fonctionne désormais hors ligne.')).toBeVisible();
    await load(page, tiny);
    await inUse(page, tiny);
    await context.setOffline(true);
    await page.reload();
    await load(page, tiny);
    await inUse(page, tiny);
    await predicts(page);
  } finally {
    await context.close();
    await site.close();
  }
});

async function predicts(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Mot masqué' }).click();
  await write(page, 'w12 w30 [MASK] w7');
  await expect(predictionList(page).getByRole('option')).toHaveCount(5);
}

/** In the page: flips a bit of the only kept file of that name. */
async function flipByte({ name, at }: { name: string; at: number }): Promise<void> {
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('affinage');
  const models = await root.getDirectoryHandle('models');
  for await (const key of models.keys()) {
    const file = await (await models.getDirectoryHandle(key)).getFileHandle(name);
    const byte = new Uint8Array(await (await file.getFile()).slice(at, at + 1).arrayBuffer());
    const stream = await file.createWritable({ keepExistingData: true });
    await stream.write({ type: 'write', position: at, data: Uint8Array.of((byte[0] ?? 0) ^ 1) });
    await stream.close();
  }
}

test('a kept model is calibrated to q4 on own texts, and the copy predicts', async ({ machine }) => {
  const page = await machine.open();
  await choose(page, tiny);
  const f16 = page.getByRole('radio', { name: /^f16/ });
  await expect(async () => f16.check({ force: true, timeout: 1000 })).toPass();
  await load(page, tiny);
  await inUse(page, tiny);
  await page.getByRole('button', { name: /^q4 étalonné/ }).click();
  const dialog = page.getByRole('dialog', { name: /en q4 étalonné/ });
  await dialog.getByRole('radio', { name: 'Mes propres textes' }).check({ force: true });
  await dialog.getByRole('textbox', { name: 'Un texte par ligne' }).fill('w12 w30 w40 w7\nw5 w6 w12 w9 w11\nw30 w31 w32 w33');
  await dialog.getByRole('button', { name: 'Étalonner', exact: true }).click();
  const copy = page.getByRole('listitem').filter({ has: page.getByRole('heading', { level: 3, name: /\(q4 étalonné\)/ }) });
  await expect(copy).toContainText('a été étalonné', { timeout: 120_000 });
  await copy.getByRole('button', { name: /^Utiliser/ }).click();
  await expect(copy.getByText('Actif')).toBeVisible({ timeout: 60_000 });
  await predicts(page);
});
