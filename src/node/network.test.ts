import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { InputError, ModelSourceError } from '../errors.ts';
import { HttpSource } from '../source/http.ts';
import { testCertificate } from '../testing/certificate.ts';
import { files, testServer } from '../testing/http-server.ts';
import { testProxy } from '../testing/proxy-server.ts';
import { nodeHttp } from './network.ts';
import { routeOf } from './proxies.ts';
import { type Fetch, withSafeRedirects } from './redirects.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
const kept = <T extends { close(): Promise<unknown> }>(each: T): T => {
  open.push(each);
  return each;
};

const config = { 'config.json': '{"a":1}' };
const fast = { attempts: 1, backoffMs: 1 };
const read = async (url: string, env: Record<string, string>) => {
  const file = await new HttpSource(url, { ...fast, ...nodeHttp(env) }).open('config.json');
  return new TextDecoder().decode(await file.read(0, file.sizeBytes));
};
const failure = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(ModelSourceError);
  return `${(error as Error).message} ${JSON.stringify((error as ModelSourceError).details)}`;
};
const tlsServer = async (): Promise<string> => {
  const server: Server = createServer(testCertificate, files(config));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => new Promise(resolve => server.close(resolve)) });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

describe('which way a request takes', () => {
  const way = (url: string, env: Record<string, string>) => {
    const { proxy, exemptBy } = routeOf(new URL(url), env);
    return proxy ? `${proxy.shown} by ${proxy.variable}` : exemptBy ? `direct by ${exemptBy}` : 'direct';
  };
  const proxy = { HTTPS_PROXY: 'http://p:3128' };

  it.each<[string, Record<string, string>, string]>([
    ['https://hub.org/', {}, 'direct'],
    ['https://hub.org/', proxy, 'http://p:3128 by HTTPS_PROXY'],
    ['http://hub.org/', proxy, 'direct'],
    ['http://hub.org/', { http_proxy: 'p:3128' }, 'http://p:3128 by http_proxy'],
    ['https://hub.org/', { ALL_PROXY: 'socks5h://p' }, 'socks5://p by ALL_PROXY'],
    ['https://hub.org/', { HTTPS_PROXY: 'http://a:1', https_proxy: 'http://b:2' }, 'http://b:2 by https_proxy'],
    ['https://hub.org/', { ...proxy, NO_PROXY: '*' }, 'direct by NO_PROXY'],
    ['https://cdn.hub.org/', { ...proxy, NO_PROXY: 'hub.org' }, 'direct by NO_PROXY'],
    ['https://cdn.hub.org/', { ...proxy, no_proxy: 'a.b, .HUB.org' }, 'direct by no_proxy'],
    ['https://hub.org/', { ...proxy, NO_PROXY: '*.hub.org' }, 'direct by NO_PROXY'],
    ['https://myhub.org/', { ...proxy, NO_PROXY: 'hub.org' }, 'http://p:3128 by HTTPS_PROXY'],
    ['https://hub.org:8443/', { ...proxy, NO_PROXY: 'hub.org:443' }, 'http://p:3128 by HTTPS_PROXY'],
    ['https://hub.org/', { ...proxy, NO_PROXY: 'hub.org:443' }, 'direct by NO_PROXY'],
    ['https://10.2.3.4/', { ...proxy, NO_PROXY: '10.0.0.0/8' }, 'direct by NO_PROXY'],
    ['https://11.2.3.4/', { ...proxy, NO_PROXY: '10.0.0.0/8 ::/0' }, 'http://p:3128 by HTTPS_PROXY'],
    ['https://[fd00::1]/', { ...proxy, NO_PROXY: 'fd00::/8' }, 'direct by NO_PROXY'],
    ['https://hub.org/', { HTTPS_PROXY: '  ' }, 'direct'],
  ])('%s with %j: %s', (url, env, expected) => {
    expect(way(url, env)).toBe(expected);
  });

  it.each(['http://', 'ftp://p', 'http://u:%zz@p', 'http://us er:geheim@p p'])(
    'refuses the proxy "%s" by its variable, without repeating it',
    value => {
      const work = () => routeOf(new URL('https://hub.org'), { HTTPS_PROXY: value });
      expect(work).toThrow(InputError);
      expect(work).toThrow(/^HTTPS_PROXY is no address of a proxy/);
      expect(work).not.toThrow(/geheim/);
    },
  );
});

describe('through a proxy', () => {
  it('plain requests and tunnels, with a name and a password that hold special characters', async () => {
    const server = kept(await testServer(files(config)));
    const proxy = kept(await testProxy({ credentials: 'amélie:p@ss:wörd' }));
    const url = `http://${encodeURIComponent('amélie')}:${encodeURIComponent('p@ss:wörd')}@${proxy.host}`;
    expect(await read(server.url, { HTTP_PROXY: url })).toBe('{"a":1}');
    expect(proxy.log).toEqual([`GET ${server.url}config.json`]);
    // The certificate is refused, but only at the end of the tunnel.
    const tls = await tlsServer();
    expect(await failure(read(tls, { https_proxy: url }))).toMatch(/NODE_EXTRA_CA_CERTS/);
    expect(proxy.log.at(-1)).toBe(`CONNECT ${new URL(tls).host}`);
  });

  it('says which proxy asks for a password, and never shows the one that it had', async () => {
    const server = kept(await testServer(files(config)));
    const proxy = kept(await testProxy({ credentials: 'a:b' }));
    const tls = await tlsServer();
    for (const [url, env] of [
      [server.url, { HTTP_PROXY: `http://a:geheim@${proxy.host}` }],
      [tls, { HTTPS_PROXY: `http://a:geheim@${proxy.host}` }],
    ] as const) {
      const text = await failure(read(url, env));
      expect(text).toMatch(new RegExp(`The proxy http://${proxy.host} \\(HTTPS?_PROXY\\) asks for a name and a password`));
      expect(text).not.toContain('geheim');
    }
  });

  it('says which proxy does not let a host through, or does not answer', async () => {
    const proxy = kept(await testProxy({ refuses: 403 }));
    const tls = await tlsServer();
    expect(await failure(read(tls, { HTTPS_PROXY: proxy.host }))).toMatch(/does not let requests to 127\.0\.0\.1:\d+ through \(403\)/);
    const gone = await testProxy();
    await gone.close();
    expect(await failure(read(tls, { ALL_PROXY: gone.host }))).toMatch(
      new RegExp(`ECONNREFUSED.*went through the proxy http://${gone.host} \\(ALL_PROXY\\)`),
    );
  });

  it('names the absence of a proxy, and NO_PROXY where that is why', async () => {
    const gone = await testServer();
    await gone.close();
    expect(await failure(read(gone.url, {}))).toMatch(/ECONNREFUSED.*No proxy is set.*HTTPS_PROXY/);
    expect(await failure(read(gone.url, { HTTP_PROXY: 'http://p', NO_PROXY: '127.0.0.1' }))).toMatch(
      /without a proxy, because NO_PROXY names/,
    );
  });

  it('a certificate of an unknown authority is refused at once, with its remedy', async () => {
    const tls = await tlsServer();
    expect(await failure(read(tls, {}))).toMatch(/self-signed certificate.*set NODE_EXTRA_CA_CERTS/);
  });
});

describe('redirects', () => {
  /** A network of canned answers; the requests that were made. */
  const network = (answers: Record<string, string | null>, names: Record<string, string> = {}) => {
    const asked: string[] = [];
    const send = (async (input: URL, init: RequestInit) => {
      const { authorization } = init.headers as Record<string, string>;
      asked.push(`${input.href}${authorization ? ` ${authorization}` : ''}`);
      const to = answers[input.href];
      return to ? new Response(null, { status: 302, headers: { Location: to } }) : new Response('ok');
    }) as unknown as Fetch;
    const fetch = withSafeRedirects(send, async host => [names[host] ?? '93.184.216.34']);
    return { asked, fetch: (url: string) => fetch(url, { headers: { Authorization: 'Bearer t' } }) };
  };

  it('lead to another public host, without the token', async () => {
    const { asked, fetch } = network({ 'https://hub.org/a': '/b', 'https://hub.org/b': 'https://cdn.net/c?sig=1' });
    expect(await (await fetch('https://hub.org/a')).text()).toBe('ok');
    expect(asked).toEqual(['https://hub.org/a Bearer t', 'https://hub.org/b Bearer t', 'https://cdn.net/c?sig=1']);
  });

  it.each<[string, string, RegExp]>([
    ['https://hub.org/a', 'http://hub.org/a', /never continues unprotected/],
    ['https://hub.org/a', 'https://10.0.0.1/a', /own network/],
    ['https://hub.org/a', 'https://[::ffff:127.0.0.1]/a', /own network/],
    ['https://hub.org/a', 'https://localhost/a', /own network/],
    ['http://hub.org/a', 'http://169.254.169.254/latest', /own network/],
    ['https://hub.org/a', 'https://intranet.chu/a', /own network/],
    ['https://hub.org/a', 'file:///etc/passwd', /http or https only/],
    ['https://hub.org/a', 'https://hub.org/a', /more than 10 times/],
  ])('%s → %s is refused', async (from, to, why) => {
    const { asked, fetch } = network({ [from]: to }, { 'intranet.chu': '192.168.1.2' });
    const work = fetch(from);
    await expect(work).rejects.toThrow(ModelSourceError);
    await expect(work).rejects.toThrow(why);
    expect(asked.every(line => line.startsWith(from))).toBe(true);
  });

  it('of a hub in the own network may stay in it', async () => {
    const { fetch } = network(
      { 'http://10.0.0.1/a': 'http://10.0.0.2/b', 'https://mirror.chu/a': 'https://10.0.0.2/b' },
      { 'mirror.chu': '10.9.9.9' },
    );
    expect((await fetch('http://10.0.0.1/a')).status).toBe(200);
    expect((await fetch('https://mirror.chu/a')).status).toBe(200);
  });

  it('a refusal reaches the reader as it is, without another try', async () => {
    const server = kept(await testServer((_, response) => response.writeHead(302, { Location: 'ftp://x/y' }).end()));
    expect(await failure(read(server.url, {}))).toMatch(/leads on to an address that cannot be read/);
    expect(server.log).toHaveLength(1);
  });
});
