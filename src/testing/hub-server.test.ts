/** The local hub answers as source/hub.ts says that the hub does: what the other tests rest on. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HubServer } from './hub-server.ts';

const id = 'almanach/Tiny-bio';
const weights = new Uint8Array(5000).fill(7);
let hub: HubServer;
let commit: string;
beforeEach(async () => {
  hub = await HubServer.start();
  commit = hub.publish(id, { 'config.json': '{}', 'sub/a b.json': '1', 'model.safetensors': weights });
});
afterEach(() => hub.close());

const at = (path: string, revision = 'main') => `${hub.url}/${id}/resolve/${revision}/${path}`;
const manual = (path: string, init: RequestInit = {}) => fetch(at(path), { redirect: 'manual', ...init });

it('redirects a large file to another origin, and says its commit, sha256 and size on the way', async () => {
  const answer = await manual('model.safetensors', { method: 'HEAD' });
  expect(answer.status).toBe(302);
  expect(answer.headers.get('X-Repo-Commit')).toBe(commit);
  expect(answer.headers.get('X-Linked-Etag')).toBe(`"${createHash('sha256').update(weights).digest('hex')}"`);
  expect(answer.headers.get('X-Linked-Size')).toBe('5000');
  const location = new URL(answer.headers.get('Location') ?? '');
  expect(location.origin).toBe(hub.cdnUrl);
  const end = await fetch(location, { headers: { Range: 'bytes=10-19', Origin: 'https://page.example' } });
  expect(end.status).toBe(206);
  expect(end.headers.get('Content-Range')).toBe('bytes 10-19/5000');
  expect(end.headers.get('Access-Control-Allow-Origin')).toBe('*');
  // The storage's own id, which is not the sha256.
  expect(end.headers.get('ETag')).not.toContain(createHash('sha256').update(weights).digest('hex'));
  expect(end.headers.has('X-Linked-Etag')).toBe(false);
  hub.expireAddresses();
  expect((await fetch(location)).status).toBe(403);
  expect((await fetch(at('model.safetensors'))).status).toBe(200);
});

it('redirects a small file within itself, and gives its git id', async () => {
  const answer = await manual('config.json');
  expect(answer.status).toBe(307);
  expect(answer.headers.get('Location')).toMatch(/^\/api\/resolve-cache\/models\//);
  const end = await fetch(at('config.json'), { headers: { Origin: 'https://page.example' } });
  expect(await end.text()).toBe('{}');
  // `printf '{}' | git hash-object --stdin`
  expect(end.headers.get('ETag')).toBe('"9e26dfeeb6e641a33dae4961196235bdb965b21b"');
  expect(end.headers.get('Access-Control-Allow-Origin')).toBe('https://page.example');
  expect(end.headers.get('Access-Control-Expose-Headers')).toMatch(/ETag.*Content-Range/);
  expect(await (await fetch(at('sub/a%20b.json', commit))).text()).toBe('1');
});

it('answers ranges, and 416 behind the end', async () => {
  const range = async (value: string) => (await fetch(at('model.safetensors'), { headers: { Range: value } })).status;
  expect(await range('bytes=4999-')).toBe(206);
  expect(await range('bytes=5000-')).toBe(416);
  expect(await range('lines=1-2')).toBe(200);
});

it('keeps a log', async () => {
  await fetch(at('model.safetensors'), { headers: { Range: 'bytes=0-9', Authorization: `Bearer ${hub.token}` } });
  expect(hub.log).toMatchObject([
    { host: 'hub', route: 'resolve', file: 'model.safetensors', range: [0, 10], hadToken: true, status: 302, sentBytes: 0 },
    { host: 'cdn', route: 'object', file: 'model.safetensors', range: [0, 10], hadToken: false, status: 206, sentBytes: 10 },
  ]);
  expect(hub.fetched('model.safetensors')).toEqual([[0, 10]]);
});
