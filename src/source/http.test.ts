import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelSourceError } from '../errors.ts';
import { files, type TestServer, testServer } from '../testing/http-server.ts';
import { HttpSource } from './http.ts';
import { retryAfterMs } from './http-errors.ts';

let server: TestServer;
beforeEach(async () => {
  server = await testServer();
});
afterEach(() => server.close());

/** Each byte tells its position, so that a shifted read cannot pass. */
const numbered = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 17) & 255);
const fast = { backoffMs: 1 };
const text = async (source: HttpSource, path: string) => {
  const file = await source.open(path);
  return new TextDecoder().decode(await file.read(0, file.sizeBytes));
};
const failure = async (work: Promise<unknown>): Promise<ModelSourceError> => {
  const error = await work.then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(ModelSourceError);
  return error as ModelSourceError;
};

describe('a server with byte ranges', () => {
  it('reads a small file whole in one request', async () => {
    server.handle = files({ 'm/config.json': '{"a":1}' });
    const source = new HttpSource(`${server.url}m`);
    expect(await text(source, 'config.json')).toBe('{"a":1}');
    expect(server.log).toHaveLength(1);
  });

  it('reads a large file by windows, any range, without asking twice for the same bytes in order', async () => {
    const bytes = numbered(10_000);
    server.handle = files({ 'w.bin': bytes });
    const file = await new HttpSource(server.url, { windowBytes: 1024 }).open('w.bin');
    expect(file.sizeBytes).toBe(10_000);
    const read: number[] = [];
    for (let at = 0; at < 10_000; at += 700) read.push(...(await file.read(at, Math.min(10_000, at + 700))));
    expect(Uint8Array.from(read)).toEqual(bytes);
    expect(server.log).toHaveLength(Math.ceil(10_000 / 1024));
    expect(await file.read(333, 5555)).toEqual(bytes.slice(333, 5555));
    expect(await file.read(9999, 10_000)).toEqual(bytes.slice(9999));
    expect(await file.read(10_000, 10_000)).toHaveLength(0);
  });

  it('answers parallel reads far apart', async () => {
    const bytes = numbered(50_000);
    server.handle = files({ 'w.bin': bytes });
    const file = await new HttpSource(server.url, { windowBytes: 512 }).open('w.bin');
    const starts = [0, 40_000, 13, 25_000, 49_000, 7_777];
    const parts = await Promise.all(starts.map(start => file.read(start, start + 1000)));
    parts.forEach((part, i) => {
      expect(part).toEqual(bytes.slice(starts[i], starts[i]! + 1000));
    });
  });

  it('opens an empty file', async () => {
    server.handle = files({ 'empty.txt': '' });
    const file = await new HttpSource(server.url).open('empty.txt');
    expect(file.sizeBytes).toBe(0);
    expect(await file.read(0, 0)).toHaveLength(0);
  });

  it('refuses a range outside the file', async () => {
    server.handle = files({ 'a.bin': numbered(10) });
    const file = await new HttpSource(server.url).open('a.bin');
    expect((await failure(file.read(5, 11))).message).toContain('has 10 bytes');
  });

  it('keeps the query of the address, encodes paths, and takes the address of config.json for its folder', async () => {
    server.handle = files({ 'dir/a b.json': 'x', 'dir/sub/c.json': 'y' });
    const source = new HttpSource(`${server.url}dir/config.json?sig=1`);
    expect(await text(source, 'a b.json')).toBe('x');
    expect(await text(source, 'sub/c.json')).toBe('y');
    expect(server.log.every(line => line.includes('?sig=1'))).toBe(true);
    expect(source.name).not.toContain('sig');
  });

  it('does not leave its folder for a hostile path', async () => {
    server.handle = files({ secret: 'x' });
    const source = new HttpSource(`${server.url}m/`);
    for (const path of ['../secret', '/secret', 'a/../../secret', 'http://other/x', 'a\\b', '', 'x?y', 'a//b']) {
      await expect(source.open(path)).rejects.toThrow(/Do not trust/);
    }
    expect(server.log).toHaveLength(0);
  });
});

describe('servers that misbehave', () => {
  it('keeps the body of one that ignores Range, without asking again', async () => {
    const bytes = numbered(5000);
    server.handle = (_, response) => response.writeHead(200).end(bytes);
    const file = await new HttpSource(server.url, { windowBytes: 1000 }).open('w.bin');
    expect(file.sizeBytes).toBe(5000);
    expect(await file.read(4000, 5000)).toEqual(bytes.slice(4000));
    expect(await file.read(10, 20)).toEqual(bytes.slice(10, 20));
    expect(server.log).toHaveLength(1);
  });

  it('falls back to a plain GET on 416', async () => {
    server.handle = (request, response) => (request.headers.range ? response.writeHead(416).end() : response.writeHead(200).end('hello'));
    expect(await text(new HttpSource(server.url), 'a.txt')).toBe('hello');
  });

  it.each([404, 410])('says what is missing on %i', async status => {
    server.handle = (_, response) => response.writeHead(status).end();
    const source = new HttpSource(`${server.url}m?sig=secret`);
    const error = await failure(source.open('config.json'));
    expect(error.message).toMatch(/config\.json is not there .*must be the folder that holds config\.json/);
    expect(error.message).not.toContain('secret');
    expect(error.details).toMatchObject({ status, path: 'config.json', url: `${server.url}m/config.json` });
    expect(await source.has('config.json')).toBe(false);
    expect(server.log).toHaveLength(2);
  });

  it.each([401, 403])('says that access is refused on %i, also to has()', async status => {
    server.handle = (_, response) => response.writeHead(status).end();
    const source = new HttpSource(server.url);
    expect((await failure(source.open('config.json'))).message).toContain(`refuses config.json`);
    expect((await failure(source.has('config.json'))).details.status).toBe(status);
  });

  it('recognises a web page by its type or its text', async () => {
    server.handle = (_, response) => response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end('<!doctype html><p>hi');
    const source = new HttpSource(server.url);
    expect((await failure(source.open('config.json'))).message).toContain('web page came instead of config.json');
    expect(await source.has('config.json')).toBe(false);
    server.handle = files({ 'config.json': '\n<!DOCTYPE html><p>hi' });
    await expect(text(source, 'config.json')).rejects.toThrow(/web page came instead/);
  });

  it('recognises a Git LFS pointer', async () => {
    server.handle = files({ 'model.safetensors': 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' });
    await expect(text(new HttpSource(server.url), 'model.safetensors')).rejects.toThrow(/Git LFS pointer/);
  });

  it('tries again after 500 and after 429 with Retry-After, and then succeeds', async () => {
    const answers = [500, 429];
    server.handle = (request, response) => {
      const status = answers.shift();
      if (status) response.writeHead(status, status === 429 ? { 'Retry-After': '0' } : {}).end();
      else files({ 'config.json': '{}' })(request, response);
    };
    expect(await text(new HttpSource(server.url, fast), 'config.json')).toBe('{}');
    expect(server.log).toHaveLength(3);
  });

  it('gives up after its tries, naming the status', async () => {
    server.handle = (_, response) => response.writeHead(503).end();
    const error = await failure(new HttpSource(server.url, { ...fast, attempts: 3 }).open('config.json'));
    expect(error.details.status).toBe(503);
    expect(error.message).toContain('after 3 tries');
    expect(server.log).toHaveLength(3);
  });

  it('does not wait for an hour when asked to', async () => {
    server.handle = (_, response) => response.writeHead(429, { 'Retry-After': '3600' }).end();
    const error = await failure(new HttpSource(server.url).open('config.json'));
    expect(error.message).toContain('Wait 3600 s');
    expect(server.log).toHaveLength(1);
  });

  it('goes on where a transfer was cut', async () => {
    const bytes = numbered(300_000);
    let cuts = 2;
    server.handle = (request, response) => {
      if (cuts-- <= 0) return files({ 'w.bin': bytes })(request, response);
      const [, start = '0', last = '0'] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
      const end = Math.min(Number(last) + 1, bytes.length);
      response.writeHead(206, { 'Content-Length': end - Number(start), 'Content-Range': `bytes ${start}-${end - 1}/${bytes.length}` });
      response.write(bytes.subarray(Number(start), Number(start) + 100_000), () => setTimeout(() => response.destroy(), 20));
    };
    const file = await new HttpSource(server.url, fast).open('w.bin');
    expect(await file.read(0, bytes.length)).toEqual(bytes);
    expect(server.log).toHaveLength(3);
    expect(server.log[2]).toMatch(/bytes=200000-/);
  });

  it('says so when it is cut again and again', async () => {
    server.handle = (_, response) => {
      response.writeHead(206, { 'Content-Length': 1000, 'Content-Range': 'bytes 0-999/1000' });
      response.flushHeaders();
      setTimeout(() => response.destroy(), 5);
    };
    const file = await new HttpSource(server.url, { ...fast, attempts: 2 }).open('w.bin');
    await expect(file.read(0, 1000)).rejects.toThrow(ModelSourceError);
  });

  it.each([
    ['another start', 'bytes 1-1000/5000'],
    ['another end', 'bytes 0-98/5000'],
  ])('refuses a part that is not the one asked for: %s', async (_, contentRange) => {
    server.handle = (_request, response) => response.writeHead(206, { 'Content-Range': contentRange }).end(numbered(1000));
    const error = await failure(new HttpSource(server.url, { windowBytes: 1000 }).open('w.bin'));
    expect(error.message).toMatch(/wrong part of w\.bin .*asked for bytes 0-999/);
  });

  it('refuses a file that changes between two reads', async () => {
    let etag = '"1"';
    server.handle = (request, response) => files({ 'w.bin': numbered(5000) }, { ETag: etag })(request, response);
    const file = await new HttpSource(server.url, { windowBytes: 1000 }).open('w.bin');
    await file.read(0, 1000);
    etag = '"2"';
    await expect(file.read(2000, 2100)).rejects.toThrow(/changed on the server/);
  });

  it('refuses a body longer than announced', async () => {
    server.handle = (_, response) => {
      response.writeHead(206, { 'Content-Range': 'bytes 0-9/10', 'Transfer-Encoding': 'chunked' });
      response.end(numbered(50));
    };
    const file = await new HttpSource(server.url).open('w.bin');
    await expect(file.read(0, 10)).rejects.toThrow(/longer than the server announced/);
  });

  it('finds the size another way when Content-Range is hidden, as across origins', async () => {
    const bytes = numbered(3000);
    server.handle = (request, response) => {
      if (request.method === 'HEAD') return response.writeHead(200, { 'Content-Length': 3000 }).end();
      const [, start, last] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
      return response.writeHead(206).end(bytes.subarray(Number(start), Number(last) + 1));
    };
    const file = await new HttpSource(server.url, { windowBytes: 1000 }).open('w.bin');
    expect(file.sizeBytes).toBe(3000);
    expect(await file.read(500, 2500)).toEqual(bytes.slice(500, 2500));
    const small = await new HttpSource(server.url, { windowBytes: 4000 }).open('w.bin');
    expect(await small.read(0, small.sizeBytes)).toEqual(bytes);
  });

  it('breaks off a transfer that stalls and tries again', async () => {
    let first = true;
    server.handle = (request, response) => {
      if (!first) return files({ 'config.json': '{"ok":true}' })(request, response);
      first = false;
      response.writeHead(206, { 'Content-Range': 'bytes 0-10/11' });
      response.write('{"ok"');
    };
    expect(await text(new HttpSource(server.url, { ...fast, stallMs: 100 }), 'config.json')).toBe('{"ok":true}');
  });

  it('gives up a transfer that drips, and a small file that is late', async () => {
    server.handle = (request, response) => {
      const [, start = 0] = /bytes=(\d+)/.exec(request.headers.range ?? '') ?? [];
      response.writeHead(206, { 'Content-Range': `bytes ${start}-999/1000` });
      const drip = setInterval(() => response.write('1'), 10);
      response.on('close', () => clearInterval(drip));
    };
    const slow = text(new HttpSource(server.url, { ...fast, attempts: 3, stallMs: 60 }), 'config.json');
    expect((await failure(slow)).message).toMatch(/after 3 tries: only \d+ bytes in 0.06 s/);
    const late = text(new HttpSource(server.url, { ...fast, smallFileMs: 60 }), 'config.json');
    expect((await failure(late)).message).toMatch(/config\.json .* was not complete/);
  });

  it('drops a short file that never ends, or unpacks without end', async () => {
    const block = Buffer.alloc(2 ** 20, 32);
    server.handle = (_, response) => {
      response.writeHead(200);
      const more = () => {
        while (response.write(block));
      };
      response.on('drain', more);
      more();
    };
    expect((await failure(new HttpSource(server.url).open('config.json'))).message).toMatch(/more than 67108864 bytes for config\.json/);
    const bomb = gzipSync(Buffer.alloc(80 * 2 ** 20));
    server.handle = (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb);
    expect((await failure(new HttpSource(server.url).open('tokenizer.json'))).message).toMatch(/more than 67108864 bytes/);
    server.handle = (_, response) => response.writeHead(200, { 'Content-Length': 2 ** 40 }).write('{');
    expect((await failure(new HttpSource(server.url).open('config.json'))).message).toMatch(/more than 67108864 bytes/);
  });

  it('sends a name and password of the address as a header, and never shows them', async () => {
    let seen: string | undefined;
    server.handle = (request, response) => {
      seen = request.headers.authorization;
      response.writeHead(404).end();
    };
    const source = new HttpSource(server.url.replace('//', '//am%C3%A9lie:geheim@'));
    const error = await failure(source.open('config.json'));
    expect(seen).toBe(`Basic ${Buffer.from('amélie:geheim').toString('base64')}`);
    expect(`${source.name} ${source.base} ${error.message} ${JSON.stringify(error.details)}`).not.toMatch(/geheim|amélie|am%C3/);
    for (const bad of ['ftp://u:geheim@host/', 'https://u:geheim@ho st/', 'http://u:geheim@[/x?token=geheim']) {
      expect(() => new HttpSource(bad)).toThrow(ModelSourceError);
      expect(() => new HttpSource(bad)).not.toThrow(/geheim/);
    }
  });

  it('stops at once when aborted, while connecting, reading and waiting for the next try', async () => {
    const abortSoon = (ms = 30) => AbortSignal.timeout(ms);
    server.handle = () => {};
    await expect(new HttpSource(server.url).open('a', abortSoon())).rejects.toMatchObject({ name: 'TimeoutError' });
    server.handle = (_, response) => response.writeHead(206, { 'Content-Range': 'bytes 0-999/1000' }).write(numbered(100));
    const controller = new AbortController();
    const file = await new HttpSource(server.url).open('a', controller.signal);
    expect(await file.read(0, 50)).toHaveLength(50);
    setTimeout(() => controller.abort(), 20);
    await expect(file.read(0, 1000, controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
    server.handle = (_, response) => response.writeHead(500).end();
    const started = performance.now();
    await expect(new HttpSource(server.url, { backoffMs: 20_000 }).open('a', abortSoon())).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(performance.now() - started).toBeLessThan(5000);
    await expect(new HttpSource(server.url).open('a', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('lets one reader go on when another that shares its transfer gives up', async () => {
    const bytes = numbered(2000);
    server.handle = files({ 'w.bin': bytes });
    const file = await new HttpSource(server.url, { windowBytes: 1000 }).open('w.bin');
    await file.read(0, 1000);
    let slow = true;
    server.handle = (request, response) => {
      if (!slow) return files({ 'w.bin': bytes })(request, response);
      response.writeHead(206, { 'Content-Range': 'bytes 1000-1999/2000' }).write(bytes.subarray(1000, 1100));
    };
    const quitter = new AbortController();
    const quits = file.read(1000, 2000, quitter.signal);
    const stays = file.read(1000, 2000);
    setTimeout(() => {
      slow = false;
      quitter.abort();
    }, 30);
    await expect(quits).rejects.toMatchObject({ name: 'AbortError' });
    expect(await stays).toEqual(bytes.slice(1000));
  });

  it('explains a server that cannot be reached', async () => {
    const gone = await testServer();
    await gone.close();
    const error = await failure(new HttpSource(gone.url, { ...fast, attempts: 2 }).open('config.json'));
    expect(error.message).toMatch(/could not be fetched after 2 tries: .*Check the address and the connection/);
  });
});

it('refuses what is no http address', () => {
  for (const address of ['ftp://host/m', 'file:///etc', 'not an address', ''])
    expect(() => new HttpSource(address)).toThrow(ModelSourceError);
});

it('reads Retry-After in both forms', () => {
  expect(retryAfterMs('7')).toBe(7000);
  expect(retryAfterMs('Thu, 01 Jan 1970 00:00:10 GMT', 4000)).toBe(6000);
  expect(retryAfterMs('Thu, 01 Jan 1970 00:00:10 GMT', 40_000)).toBe(0);
  expect(retryAfterMs('soon')).toBeNull();
  expect(retryAfterMs(null)).toBeNull();
});
