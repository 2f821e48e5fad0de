/** The page's security policy binds the engine's worker too, also on a host that sends no headers. */
import { appFolder, expect, miniReady, test } from './site.ts';
import { staticServer } from './static-server.ts';

for (const sendsPolicy of [true, false]) {
  test(`the worker may fetch from no other host, ${sendsPolicy ? 'with the header' : 'without any header'}`, async ({ page }) => {
    const site = await staticServer([{ path: '/', serve: appFolder }], [], { sendsPolicy });
    const elsewhere = await staticServer([]);
    await page.goto(site.url);
    await miniReady(page);
    const [worker] = page.workers();
    const fetched = await worker?.evaluate(async url => {
      const outcomes = [];
      for (const work of [() => fetch(url), () => import(`${url}x.js`), () => new WebSocket(url.replace('http', 'ws'))])
        outcomes.push(
          await Promise.resolve()
            .then(work)
            .then(
              () => 'went',
              () => 'refused',
            ),
        );
      return outcomes;
    }, elsewhere.url);
    expect(fetched?.slice(0, 2)).toEqual(['refused', 'refused']);
    expect(elsewhere.log).toEqual([]);
    // Requests to its own host are allowed.
    expect(await worker?.evaluate(url => fetch(`${url}index.html`).then(({ status }) => status), site.url)).toBe(200);
    await site.close();
    await elsewhere.close();
  });
}
