/** What the reader writes stays on the machine: while text is on screen no request leaves the page's origin, and the policy would refuse one. */
import type { BrowserContext, Page } from '@playwright/test';
import { routes } from '../src/app/shell/route.ts';
import { expect, predictionList, settled, test, write } from './site.ts';
import { staticServer } from './static-server.ts';

const secret = 'Zéphyrine';

interface Sent {
  url: string;
  body: string;
}

/** Everything that the page, its workers and its sockets send, from now on. */
function sentBy(page: Page, context: BrowserContext): Sent[] {
  const sent: Sent[] = [];
  context.on('request', request => sent.push({ url: request.url(), body: request.postData() ?? '' }));
  page.on('websocket', socket => sent.push({ url: socket.url(), body: '' }));
  return sent;
}

const overNetwork = (sent: readonly Sent[]) => sent.filter(({ url }) => /^(https?|wss?):/.test(url));
const leaving = (sent: readonly Sent[], origin: string) =>
  overNetwork(sent).filter(({ url }) => new URL(url).origin !== new URL(origin).origin);
/** Requests that hold the text, in their address or their body, written as it is or encoded. */
const telling = (sent: readonly Sent[]) =>
  overNetwork(sent).filter(({ url, body }) => [url, decodeURIComponent(url), body].some(part => part.includes(secret)));

test('while text is on screen nothing leaves the page, in any view', async ({ fresh: { page, watch }, site }) => {
  const context = page.context();
  // The control at the end asks the hub; it is answered here.
  await context.route('https://huggingface.co/**', route => route.fulfill({ body: '{}', headers: { 'Access-Control-Allow-Origin': '*' } }));
  const sent = sentBy(page, context);
  await page.goto(site.url);
  await write(page, `La patiente ${secret} présente une [MASK] aiguë.`);
  await expect(predictionList(page).getByRole('option')).toHaveCount(5);
  await settled(page);
  for (const route of routes) {
    await page.evaluate(hash => {
      location.hash = hash;
    }, `#/${route}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    // Every view that takes text gets it, typed and left, so that whatever a view asks for by itself is asked for.
    for (const field of await page.locator('main textarea:visible').all()) {
      await field.fill(`${secret} tousse depuis trois jours.\nLe scanner thoracique est normal.`);
      await field.blur();
    }
    await page.waitForLoadState('networkidle');
  }
  expect(sent.length).toBeGreaterThan(0);
  expect(leaving(sent, site.url)).toEqual([]);
  expect(telling(sent)).toEqual([]);

  // The control: a request that did leave, from the page or from the worker, would have been seen.
  watch.expectNoise(/huggingface\.co/);
  const fetchHub = (from: string) => fetch(`https://huggingface.co/api/${from}`).then(() => undefined);
  await page.evaluate(fetchHub, `page-${secret}`);
  await page.workers()[0]?.evaluate(fetchHub, 'worker');
  expect(leaving(sent, site.url).map(({ url }) => new URL(url).pathname)).toEqual([
    `/api/${encodeURIComponent(`page-${secret}`)}`,
    '/api/worker',
  ]);
  expect(telling(sent)).toHaveLength(1);
});

test('the policy names the hub alone and refuses every other way out', async ({ fresh: { page, watch }, site }) => {
  const elsewhere = await staticServer([]);
  await page.goto(site.url);
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  const directives = new Map(
    (policy ?? '')
      .split(';')
      .map(part => part.trim().split(/\s+/))
      .map(([name, ...sources]) => [name, sources]),
  );
  expect(directives.get('connect-src')).toEqual(["'self'", 'https://huggingface.co', 'https://*.huggingface.co', 'https://*.hf.co']);
  expect(directives.get('default-src')).toEqual(["'self'"]);
  expect(directives.get('form-action')).toEqual(["'none'"]);
  watch.expectNoise(/policy|Content Security Policy|Refused|violat|request to|Failed to load|WebSocket/i);
  await page.evaluate(async url => {
    const add = (name: string, attributes: Record<string, string>) => {
      const element = document.createElement(name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      document.body.append(element);
      return element;
    };
    await fetch(`${url}fetch`).catch(() => undefined);
    navigator.sendBeacon(`${url}beacon`, 'text');
    try {
      new WebSocket(url.replace('http', 'ws'));
    } catch {
      // Refused at once.
    }
    try {
      new EventSource(`${url}events`);
    } catch {
      // Refused at once.
    }
    add('img', { src: `${url}image` });
    add('script', { src: `${url}script` });
    add('iframe', { src: `${url}frame` });
    add('link', { rel: 'stylesheet', href: `${url}style` });
    add('video', { src: `${url}video` });
    (add('form', { action: `${url}form`, method: 'post' }) as HTMLFormElement).submit();
    await new Promise(resolve => setTimeout(resolve, 500));
  }, elsewhere.url);
  expect(elsewhere.log).toEqual([]);
  await elsewhere.close();
});
