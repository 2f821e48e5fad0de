/** How Node fetches models: through the proxies that the environment names, and with errors that name the cause of a failed connection. */
import { AffinageError } from '../errors.ts';
import type { HttpOptions } from '../source/http-request.ts';
import { credentialsOf, type ProxyServer, routeOf, type Variables } from './proxies.ts';
import { type Fetch, withSafeRedirects } from './redirects.ts';

/** `fetch` and `diagnose` for every request of this process. */
export function nodeHttp(env: Variables = process.env): Pick<HttpOptions, 'fetch' | 'diagnose'> {
  const direct = withSafeRedirects(globalThis.fetch);
  const agents = new Map<string, Promise<Fetch>>();
  const through = (proxy: ProxyServer): Promise<Fetch> => {
    const made = agents.get(proxy.url.href) ?? proxyFetch(proxy);
    agents.set(proxy.url.href, made);
    return made;
  };
  return {
    fetch: async (input, init) => {
      const { proxy } = routeOf(new URL(input instanceof Request ? input.url : input), env);
      return proxy ? (await through(proxy))(input, init) : direct(input, init);
    },
    diagnose: (url, cause) => diagnose(url, cause, env),
  };
}

/** undici's own fetch with its proxy agent: Node's built-in fetch takes no agent of another version. */
async function proxyFetch(proxy: ProxyServer): Promise<Fetch> {
  const { fetch, ProxyAgent } = await import('undici');
  const uri = new URL(proxy.url);
  const token = credentialsOf(proxy);
  // A SOCKS proxy has its own way to pass name and password.
  if (!uri.protocol.startsWith('socks')) {
    uri.username = '';
    uri.password = '';
  }
  const isSocks = uri.protocol.startsWith('socks');
  // Many proxies refuse a tunnel to a plain http server, and take the request itself.
  const dispatcher = new ProxyAgent({ uri: uri.href, proxyTunnel: false, ...(token && !isSocks && { token }) });
  const send = ((input: URL, init: RequestInit) =>
    fetch(input, { ...init, dispatcher } as Parameters<typeof fetch>[1])) as unknown as Fetch;
  // The proxy resolves host names; this machine may not be able to.
  return withSafeRedirects(send, async () => []);
}

/** TLS errors that will not go away when the request is repeated. */
const untrusted = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** The cause of a request without an answer, and its remedy. `isFinal`: another try would fail too. */
function diagnose(url: URL, cause: unknown, env: Variables): { text: string; isFinal: boolean } {
  const chain: unknown[] = [];
  for (let at = cause; at instanceof Error && chain.length < 8; at = at.cause) chain.push(at);
  const codes = chain.map(error => (error as { code?: unknown }).code);
  const message = chain.map(error => (error as Error).message).join(' ');
  let route: ReturnType<typeof routeOf>;
  try {
    route = routeOf(url, env);
  } catch (error) {
    return { text: error instanceof AffinageError ? error.message : '', isFinal: true };
  }
  const { proxy, exemptBy } = route;
  const way = proxy && `the proxy ${proxy.shown} (${proxy.variable})`;
  if (codes.some(code => untrusted.has(String(code)))) {
    const text = `The certificate of ${proxy ? `${url.host}, or of ${way},` : url.host} is signed by an authority that Node does not know. Where your network checks traffic with a certificate of its own, set NODE_EXTRA_CA_CERTS to that certificate's file (PEM).`;
    return { text, isFinal: true };
  }
  const refusal = /Proxy response \((\d+)\)/.exec(message)?.[1] ?? (/Proxy Authentication Required/.test(message) ? '407' : undefined);
  if (way && refusal === '407') {
    const text = `${capital(way)} asks for a name and a password. Write them in ${proxy.variable} as http://name:password@${proxy.url.host}, with special characters percent-encoded.`;
    return { text, isFinal: true };
  }
  if (way && refusal) {
    const text = `${capital(way)} does not let requests to ${url.host} through (${refusal}). Ask for that host to be allowed, or name it in NO_PROXY if it can be reached directly.`;
    return { text, isFinal: Number(refusal) < 500 };
  }
  if (way)
    return {
      text: `The request went through ${way}. Check that this is the right proxy, or name ${url.hostname} in NO_PROXY.`,
      isFinal: false,
    };
  if (exemptBy)
    return {
      text: `The request went without a proxy, because ${exemptBy} names ${url.hostname}. Check the connection, or change ${exemptBy}.`,
      isFinal: false,
    };
  return { text: 'Check the address and the connection. No proxy is set: where your network needs one, set HTTPS_PROXY.', isFinal: false };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
