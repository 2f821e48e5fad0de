/** A forward proxy for tests: tunnels (CONNECT) and plain requests, with a name and password if wanted. */
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface TestProxy {
  /** `host:port`. */
  host: string;
  /** `CONNECT host:port` or `GET http://…`, of every request that was let through. */
  log: string[];
  close(): Promise<void>;
}

/** `credentials`: `name:password`, else 407. `refuses`: status for everything. */
export async function testProxy({ credentials, refuses }: { credentials?: string; refuses?: number } = {}): Promise<TestProxy> {
  const log: string[] = [];
  const sockets = new Set<Socket>();
  const refusal = ({ headers }: IncomingMessage): number | null => {
    if (refuses) return refuses;
    const given = /^Basic (.*)$/.exec(headers['proxy-authorization'] ?? '')?.[1];
    return credentials && Buffer.from(given ?? '', 'base64').toString('utf8') !== credentials ? 407 : null;
  };
  const server = createServer((request, response) => {
    const refused = refusal(request);
    if (refused) return response.writeHead(refused).end();
    log.push(`${request.method} ${request.url}`);
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const onward = httpRequest(request.url ?? '', { method: request.method, headers }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end());
    return request.pipe(onward);
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const refused = refusal(request);
    if (refused) return socket.end(`HTTP/1.1 ${refused} Refused\r\n\r\n`);
    log.push(`CONNECT ${request.url}`);
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      onward.pipe(socket);
      socket.pipe(onward);
    });
    sockets.add(onward);
    return onward.on('error', () => socket.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    close: () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
