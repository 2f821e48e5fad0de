/** A local HTTP server for tests, with hosts that behave and hosts that do not. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface TestServer {
  url: string;
  /** `METHOD /path range` of every request so far. */
  log: string[];
  handle: Handler;
  close(): Promise<void>;
}

export async function testServer(handle: Handler = notFound): Promise<TestServer> {
  const server = createServer((request, response) => {
    state.log.push([request.method, request.url, request.headers.range].filter(Boolean).join(' '));
    state.handle(request, response);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const state: TestServer = {
    url: `http://127.0.0.1:${port}/`,
    log: [],
    handle,
    close: () =>
      new Promise(resolve => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return state;
}

const notFound: Handler = (_, response) => response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found');

/** A well-behaved static host: GET and HEAD, byte ranges, 404. Paths without the leading slash. */
export function files(entries: Readonly<Record<string, string | Uint8Array>>, headers: Record<string, string> = {}): Handler {
  return (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname.slice(1));
    const entry = entries[path];
    if (entry === undefined) return notFound(request, response);
    const bytes = Buffer.from(entry);
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const type = { 'Content-Type': 'application/octet-stream', ...headers };
    if (!range) {
      response.writeHead(200, { ...type, 'Content-Length': bytes.length });
      return response.end(request.method === 'HEAD' ? undefined : bytes);
    }
    const start = Number(range[1]);
    const end = Math.min(bytes.length, range[2] ? Number(range[2]) + 1 : bytes.length);
    if (start >= bytes.length) return response.writeHead(416, { 'Content-Range': `bytes */${bytes.length}` }).end();
    response.writeHead(206, { ...type, 'Content-Length': end - start, 'Content-Range': `bytes ${start}-${end - 1}/${bytes.length}` });
    return response.end(bytes.subarray(start, end));
  };
}
