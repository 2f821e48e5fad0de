/** A plain static host for built pages: the page's own policy as a header, as docs/HOSTING.md asks, and folders mounted at will. */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { type TestServer, testServer } from '../src/testing/http-server.ts';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

export interface Mount {
  /** With a slash at both ends. Of several that match an address the longest is used. */
  path: string;
  /** A folder, or a function that answers every address below. */
  serve: string | ((request: IncomingMessage, response: ServerResponse) => void);
}

/**
 * Serves `mounts` on a free local port until closed. Any other address is a 404 in plain text.
 * `connect`: origins that built pages may also fetch from, as AFFINAGE_CONNECT_SRC would put in when building. `sendsPolicy`: false for a
 * host that cannot send headers, where the page's meta element is all there is.
 */
export async function staticServer(
  mounts: readonly Mount[],
  connect: readonly string[] = [],
  { sendsPolicy = true }: { sendsPolicy?: boolean } = {},
): Promise<TestServer> {
  const sorted = [...mounts].sort((a, b) => b.path.length - a.path.length);
  return testServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname);
    const mount = sorted.find(each => path.startsWith(each.path));
    if (!mount) return missing(response);
    if (typeof mount.serve === 'function') return mount.serve(request, response);
    return void sendFile(mount.serve, path.slice(mount.path.length) || 'index.html', request, response, connect, sendsPolicy);
  });
}

async function sendFile(
  folder: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  connect: readonly string[],
  sendsPolicy: boolean,
): Promise<void> {
  const file = join(folder, normalize(path));
  const found = file.startsWith(folder + sep) ? await stat(file).catch(() => null) : null;
  if (!found?.isFile()) return missing(response);
  const page = await readFile(join(folder, 'index.html'), 'utf8').catch(() => '');
  const policy = allowing(pagePolicy(page), connect);
  const headers = {
    'Content-Type': types[extname(file)] ?? 'application/octet-stream',
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-cache',
    'X-Content-Type-Options': 'nosniff',
    ...(policy && sendsPolicy && { 'Content-Security-Policy': `${policy}; frame-ancestors 'none'` }),
  };
  if (path === 'index.html' && connect.length > 0) {
    response
      .writeHead(200, headers)
      .end(page.replace(metaPolicy, (_, start: string, text: string) => `${start}${allowing(text, connect)}"`));
    return;
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = range ? Number(range[1]) : 0;
  const end = range?.[2] ? Math.min(Number(range[2]), found.size - 1) : found.size - 1;
  if (range && start >= found.size) {
    response.writeHead(416, { 'Content-Range': `bytes */${found.size}` }).end();
    return;
  }
  response.writeHead(range ? 206 : 200, {
    ...headers,
    'Content-Length': end - start + 1,
    ...(range && { 'Content-Range': `bytes ${start}-${end}/${found.size}` }),
  });
  if (request.method === 'HEAD' || found.size === 0) response.end();
  else createReadStream(file, { start, end }).pipe(response);
}

const missing = (response: ServerResponse): void => void response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found');

const metaPolicy = /(<meta http-equiv="Content-Security-Policy" content=")([^"]*)"/;

/** The policy that the built page carries as a meta element; undefined for a page without one. */
function pagePolicy(html: string): string | undefined {
  return metaPolicy.exec(html)?.[2]?.replaceAll('&#39;', "'");
}

function allowing<Policy extends string | undefined>(policy: Policy, connect: readonly string[]): Policy {
  return policy?.replace('connect-src', ['connect-src', ...connect].join(' ')) as Policy;
}
