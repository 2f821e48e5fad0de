/**
 * Proxies from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, in capitals or small letters (small letters come first, as in curl).
 * NO_PROXY is a list of hosts (each with its subdomains), `.domain`, `*.domain`, `host:port`, addresses, ranges (10.0.0.0/8), or `*`.
 */
import { BlockList, isIP } from 'node:net';
import { InputError } from '../errors.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

export interface ProxyServer {
  /** With name and password. Never shown. */
  url: URL;
  /** Without them, for people. */
  shown: string;
  /** The variable that names it. */
  variable: string;
}

/** How a request is sent: through a proxy, or directly (`exemptBy`: the variable that excludes the host, if one does). */
export interface Route {
  proxy: ProxyServer | null;
  exemptBy: string | null;
}

/** Errors: InputError naming the variable that holds no address of a proxy. */
export function routeOf(target: URL, env: Variables = process.env): Route {
  const proxy = proxyFor(target.protocol, env);
  if (!proxy) return { proxy: null, exemptBy: null };
  const [variable, list] = setting(env, 'no_proxy');
  return isExempt(target, list) ? { proxy: null, exemptBy: variable } : { proxy, exemptBy: null };
}

function setting(env: Variables, name: string): [string, string] {
  for (const variable of [name, name.toUpperCase()]) {
    const value = env[variable]?.trim();
    if (value) return [variable, value];
  }
  return [name.toUpperCase(), ''];
}

function proxyFor(protocol: string, env: Variables): ProxyServer | null {
  for (const name of [protocol === 'https:' ? 'https_proxy' : 'http_proxy', 'all_proxy']) {
    const [variable, value] = setting(env, name);
    if (value !== '') return readProxy(variable, value);
  }
  return null;
}

function readProxy(variable: string, value: string): ProxyServer {
  let url: URL | null = null;
  try {
    // `proxy.example.org:3128` means http, as in curl.
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`);
    decodeURIComponent(url.username + url.password);
  } catch {
    url = null;
  }
  if (!url || url.hostname === '' || !/^(https?|socks5h?|socks):$/.test(url.protocol)) {
    // The value itself is not repeated: it may hold a password.
    throw new InputError(
      `${variable} is no address of a proxy. Write it as http://proxy.example.org:3128 or http://name:password@proxy.example.org:3128, with special characters percent-encoded.`,
      { variable },
    );
  }
  if (url.protocol === 'socks5h:') url = new URL(url.href.replace(/^socks5h/, 'socks5'));
  return { url, shown: `${url.protocol}//${url.host}`, variable };
}

/** `Basic …` for the proxy, or undefined where no name is given. */
export function credentialsOf({ url }: ProxyServer): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const text = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(text, 'utf8').toString('base64')}`;
}

function isExempt(target: URL, list: string): boolean {
  const host = target.hostname.toLowerCase();
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[,\s]+/)
    .some(entry => entry !== '' && (entry === '*' || matches(entry, host, port)));
}

function matches(entry: string, host: string, port: string): boolean {
  if (isInRange(entry, host)) return true;
  // `host:port`; an IPv6 address has colons of its own and stands in brackets before a port.
  const [, name = '', wantedPort] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
  if (wantedPort !== undefined && wantedPort !== port) return false;
  const plain = name.replace(/^\*?\./, '');
  return plain !== '' && (host === plain || host.endsWith(`.${plain}`));
}

function isInRange(entry: string, host: string): boolean {
  const [address = '', bits] = entry.split('/');
  const bare = host.replace(/^\[|\]$/g, '');
  const kind = isIP(bare);
  if (bits === undefined || kind === 0 || isIP(address) !== kind || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (kind === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), kind === 4 ? 'ipv4' : 'ipv6');
  return list.check(bare, kind === 4 ? 'ipv4' : 'ipv6');
}
